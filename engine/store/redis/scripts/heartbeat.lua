-- Pushes a task's heartbeat deadline back.
-- KEYS  tasks, timers, execution, frames     ARGV  executionId, visit, nonce
-- Answers accepted, closed or unknown.
-- include now
-- include task
-- include absent-task
local header = redis.call('HGET', KEYS[1], ARGV[2])
if not header then return absentTask(KEYS[3], KEYS[4], ARGV[2]) end
local task = parseTask(header)
if task.nonce ~= ARGV[3] then return 'unknown' end
if task.heartbeatMs ~= '' then
  local purpose = ARGV[2] .. '|heartbeat'
  redis.call('ZADD', KEYS[2], now() + tonumber(task.heartbeatMs), ARGV[1] .. '|' .. purpose)
  redis.call('HSET', KEYS[1], purpose, '')
end
return 'accepted'
