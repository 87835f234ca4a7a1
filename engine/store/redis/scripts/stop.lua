-- Asks the owner to abort an execution.
-- KEYS  execution, inbox     ARGV  executionId, stimulus
-- Answers {1, ms} when asked, {0, stopMs} when it is closed, nil when there is none.
-- include inbox
local kept = redis.call('HMGET', KEYS[1], 'r', 's')
if not kept[1] then return nil end
if kept[2] then
  return { 0, tonumber(string.match(kept[2], '^%d+')) }
end
return { 1, tonumber(tell(KEYS[2], ARGV[1], ARGV[2])) }
