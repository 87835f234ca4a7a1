-- Removes closed executions whose retention has passed.
-- KEYS  closed, names, then of each: execution, what goes with it (history, work, Map Runs), indexes
-- ARGV  executionId, stopMs, its member of the names, number of keys that go with it, number of indexes; for each
-- Answers how many went.
local gone = 0
local key = 3
for at = 1, #ARGV, 5 do
  local execution, owned = KEYS[key], key + 1
  local first = owned + tonumber(ARGV[at + 3])
  key = first + tonumber(ARGV[at + 4])
  redis.call('LREM', KEYS[1], 1, ARGV[at] .. '|' .. ARGV[at + 1])
  local state = redis.call('HGET', execution, 's')
  -- Opened again and closed later, it has a later entry.
  if state and string.match(state, '^%d+') == ARGV[at + 1] then
    redis.call('UNLINK', execution)
    redis.call('ZREM', KEYS[2], ARGV[at + 2])
    for index = owned, first - 1 do redis.call('UNLINK', KEYS[index]) end
    for index = first, key - 1 do
      redis.call('ZREM', KEYS[index], ARGV[at])
    end
    gone = gone + 1
  end
end
return gone
