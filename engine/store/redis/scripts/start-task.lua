-- A worker has the task: it leaves the outbox, and its body is needed no more.
-- KEYS  work, outbox, inbox     ARGV  executionId, visit, worker, stimulus
-- Answers 1, also when this worker started it before; 0 when it has ended or another worker has it.
-- include inbox
-- include task
local field = 't' .. ARGV[2]
local header = redis.call('HGET', KEYS[1], field)
if not header then return 0 end
local task = parseTask(header)
if task.state == 's' then
  return task.worker == ARGV[3] and 1 or 0
end
task.state, task.worker = 's', ARGV[3]
redis.call('HSET', KEYS[1], field, formatTask(task))
redis.call('HDEL', KEYS[1], 'b' .. ARGV[2])
redis.call('ZREM', KEYS[2], ARGV[1] .. '|' .. ARGV[2])
tell(KEYS[3], ARGV[1], ARGV[4])
return 1
