-- Removes closed executions whose retention has passed.
-- KEYS  closed, then execution, history and index of each
-- ARGV  executionId, stopMs; for each
-- Answers how many went.
local gone = 0
for at = 1, #ARGV, 2 do
  local key = (at - 1) / 2 * 3 + 2
  local execution, history, index = KEYS[key], KEYS[key + 1], KEYS[key + 2]
  redis.call('LREM', KEYS[1], 1, ARGV[at] .. '|' .. ARGV[at + 1])
  local state = redis.call('HGET', execution, 's')
  -- Opened again and closed later, it has a later entry.
  if state and string.match(state, '^%d+') == ARGV[at + 1] then
    redis.call('UNLINK', execution, history)
    redis.call('ZREM', index, ARGV[at])
    gone = gone + 1
  end
end
return gone
