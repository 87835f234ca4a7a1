-- Opens a closed execution again, unless the client token did so lately.
-- KEYS  execution, inbox, indexes of its error, then of each list its index (RUNNING) and those of the three ends without success
-- ARGV  executionId, client token, stopMs of the close to undo or '', tokens that are remembered, for how many ms, number of indexes of
--       its error
-- Answers the ms of the redrive that the token made; 0 when it is not closed by that stop; nil when there is none.
-- include now
-- include inbox
local kept = redis.call('HMGET', KEYS[1], 'r', 's', 'd', 'k')
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
local count = string.format('%d', (kept[3] and tonumber(string.match(kept[3], '^%d+')) or 0) + 1)
local ms = tell(KEYS[2], ARGV[1], '{"type":"Redriven","count":' .. count .. '}')
tokens[#tokens + 1] = ms .. ' ' .. ARGV[2] .. '\n'
local first = math.max(1, #tokens - tonumber(ARGV[4]) + 1)
redis.call('HSET', KEYS[1], 'd', count .. ' ' .. ms, 'k', table.concat(tokens, '', first))
redis.call('HDEL', KEYS[1], 's')
-- Its row among the closed ones stays: retention sees that it names another close.
local lists = 3 + tonumber(ARGV[6])
for at = 3, lists - 1 do redis.call('ZREM', KEYS[at], ARGV[1]) end
for at = lists, #KEYS, 4 do
  redis.call('ZADD', KEYS[at], string.match(kept[1], '^%d+'), ARGV[1])
  for closed = at + 1, at + 3 do redis.call('ZREM', KEYS[closed], ARGV[1]) end
end
return tonumber(ms)
