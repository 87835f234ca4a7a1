-- Bound permits whose tasks nobody has looked at for a while, the longest first.
-- KEYS  permits, bound, holders     ARGV  ms since the last look, how many at most
-- Answers { number of bound permits, then task, process that bound it, 1 when that lives else 0; for each }.
-- include now
local ms = now()
local answer = { redis.call('ZCARD', KEYS[2]) }
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ms - tonumber(ARGV[1]), 'LIMIT', 0, ARGV[2])
for _, task in ipairs(due) do
  redis.call('ZADD', KEYS[2], ms, task)
  local process = redis.call('HGET', KEYS[3], task) or ''
  local entry = redis.call('HGET', KEYS[1], 'p' .. process)
  local lives = entry and tonumber(string.match(entry, '^%d+|(%d+)')) > ms
  answer[#answer + 1] = task
  answer[#answer + 1] = process
  answer[#answer + 1] = lives and 1 or 0
end
return answer
