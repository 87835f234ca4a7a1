-- Frees permits of tasks that are over.
-- KEYS  bound, holders     ARGV  channel, arn, then task and the process that must still be its holder or nothing; for each
-- Answers how many.
local freed = 0
for at = 3, #ARGV, 2 do
  local task, process = ARGV[at], ARGV[at + 1]
  if process == '' or redis.call('HGET', KEYS[2], task) == process then
    redis.call('HDEL', KEYS[2], task)
    freed = freed + redis.call('ZREM', KEYS[1], task)
  end
end
if freed > 0 then redis.call('PUBLISH', ARGV[1], ARGV[2]) end
return freed
