-- Pushes a task's heartbeat deadline back.
-- KEYS  work, timers     ARGV  executionId, visit, nonce
-- Answers accepted, unknown when the token is not the task's, nil when the task is not there.
-- include now
-- include task
local header = redis.call('HGET', KEYS[1], 't' .. ARGV[2])
if not header then return nil end
local task = parseTask(header)
if task.nonce ~= ARGV[3] then return 'unknown' end
if task.heartbeatMs ~= '' then
  local purpose = ARGV[2] .. '|heartbeat'
  redis.call('ZADD', KEYS[2], now() + tonumber(task.heartbeatMs), ARGV[1] .. '|' .. purpose)
  redis.call('HSET', KEYS[1], 'z' .. purpose, '')
end
return 'accepted'
