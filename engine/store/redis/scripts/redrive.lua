-- Opens a closed execution again, unless the client token did so lately.
-- KEYS  execution, inbox, indexes of its error, then of each list its index (RUNNING) and those of the three ends without success
-- ARGV  executionId, client token, stopMs of the close to undo or '', tokens that are remembered, for how many ms, number of indexes of
--       its error, edits or '', what is told of this redrive, how many redrives are told, the record if it changes or ''
-- Answers the ms of the redrive that the token made; 0 when it is not closed by that stop; nil when there is none.
-- include now
-- include inbox
local kept = redis.call('HMGET', KEYS[1], 'r', 's', 'd', 'k', 'n')
if not kept[1] then return nil end
local since = now() - tonumber(ARGV[5])
local tokens = {}
for line, ms, token in string.gmatch(kept[4] or '', '((%d+) ([^\n]+)\n)') do
  if tonumber(ms) > since then
    if token == ARGV[2] then return tonumber(ms) end
    tokens[#tokens + 1] = line
  end
end
if not kept[2] or string.match(kept[2], '^%d+') ~= ARGV[3] then return 0 end
local startMs = string.match(kept[1], '^%d+')
local count = string.format('%d', (kept[3] and tonumber(string.match(kept[3], '^%d+')) or 0) + 1)
local edits = ARGV[7] == '' and '' or ',"edits":' .. ARGV[7]
local ms = tell(KEYS[2], ARGV[1], '{"type":"Redriven","count":' .. count .. edits .. '}')

-- Puts a line behind the others, of which the last ones stay.
local function added(lines, line, most)
  lines[#lines + 1] = ms .. ' ' .. line .. '\n'
  return table.concat(lines, '', math.max(1, #lines - tonumber(most) + 1))
end

local notes = {}
for line in string.gmatch(kept[5] or '', '[^\n]+\n') do notes[#notes + 1] = line end
redis.call('HSET', KEYS[1], 'd', count .. ' ' .. ms, 'k', added(tokens, ARGV[2], ARGV[4]), 'n', added(notes, ARGV[8], ARGV[9]))
redis.call('HDEL', KEYS[1], 's')
if ARGV[10] ~= '' then redis.call('HSET', KEYS[1], 'r', startMs .. ARGV[10]) end
-- Its row among the closed ones stays: retention sees that it names another close.
local lists = 3 + tonumber(ARGV[6])
for at = 3, lists - 1 do redis.call('ZREM', KEYS[at], ARGV[1]) end
for at = lists, #KEYS, 4 do
  redis.call('ZADD', KEYS[at], startMs, ARGV[1])
  for closed = at + 1, at + 3 do redis.call('ZREM', KEYS[closed], ARGV[1]) end
end
return tonumber(ms)
