-- Ends a task: its token closes, its timers go, nobody is offered it any more. Whoever finds the header first, the
-- settlement or the timeout, has won. Answers the task, or nothing when it had ended before.
local function closeTask(keys, executionId, visit)
  local timeout, heartbeat = visit .. '|timeout', visit .. '|heartbeat'
  local fields = redis.call('HMGET', keys.tasks, visit, timeout, heartbeat)
  if not fields[1] then return nil end
  redis.call('HDEL', keys.tasks, visit, visit .. 'b', timeout, heartbeat)
  if fields[2] or fields[3] then
    redis.call('ZREM', keys.timers, executionId .. '|' .. timeout, executionId .. '|' .. heartbeat)
  end
  local task = parseTask(fields[1])
  if task.state ~= 's' then
    redis.call('ZREM', keys.outbox, executionId .. '|' .. visit)
  end
  return task
end
