-- Whoever finds the task first, the settlement or the timeout, ends it: that settles their race.
local function findTask(work, visit)
  local fields = redis.call('HMGET', work, 't' .. visit, 'z' .. visit .. '|timeout', 'z' .. visit .. '|heartbeat',
    'c' .. visit, 'r' .. visit, 'p' .. visit)
  if not fields[1] then return nil end
  local task = parseTask(fields[1])
  task.hasTimers, task.child, task.held, task.permit = fields[2] or fields[3], fields[4], fields[5], fields[6]
  return task
end

-- Its token closes, its timers go, nobody is offered it any more.
local function endTask(work, timers, outbox, executionId, visit, task)
  redis.call('HDEL', work, 't' .. visit, 'b' .. visit, 'z' .. visit .. '|timeout', 'z' .. visit .. '|heartbeat',
    'c' .. visit, 'r' .. visit, 'p' .. visit)
  local member = executionId .. '|' .. visit
  if task.hasTimers then
    redis.call('ZREM', timers, member .. '|timeout', member .. '|heartbeat')
  end
  if task.state ~= 's' then
    redis.call('ZREM', outbox, member)
  end
end
