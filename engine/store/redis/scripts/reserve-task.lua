-- Sets a task aside for a worker that is about to get it.
-- KEYS  work     ARGV  visit, worker, ARN of the activity under whose permit it is handed out or ''
-- Answers the body, or nil when the task has ended or a worker has it.
-- include task
local field = 't' .. ARGV[1]
local kept = redis.call('HMGET', KEYS[1], field, 'b' .. ARGV[1])
if not kept[1] then return nil end
local task = parseTask(kept[1])
if task.state == 's' then return nil end
task.state, task.worker = 'r', ARGV[2]
redis.call('HSET', KEYS[1], field, formatTask(task), unpack(ARGV[3] ~= '' and { 'p' .. ARGV[1], ARGV[3] } or {}))
return kept[2]
