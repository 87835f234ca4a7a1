-- Moves due timers to the inbox. A timeout or a missed heartbeat closes its task, if that is still open.
-- KEYS  timers, outbox, inbox, tasks...
-- ARGV  executionId, visit, purpose, index of the tasks key; for each timer that may be due
-- Answers {fired, ms until the next or -1}.
-- include now
-- include inbox
-- include task
-- include close-task
local timers = KEYS[1]
local ms = now()
local fired = 0
for at = 1, #ARGV, 4 do
  local executionId, visit, purpose = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local tasks = KEYS[tonumber(ARGV[at + 3])]
  local member = executionId .. '|' .. visit .. '|' .. purpose
  local due = redis.call('ZSCORE', timers, member)
  -- Since it was seen a heartbeat may have moved it, or this very call may have fired it.
  if due and tonumber(due) <= ms then
    local wanted = true
    if purpose == 'timeout' or purpose == 'heartbeat' then
      wanted = closeTask({ tasks = tasks, timers = timers, outbox = KEYS[2] }, executionId, visit)
    end
    redis.call('ZREM', timers, member)
    redis.call('HDEL', tasks, visit .. '|' .. purpose)
    if wanted then
      tell(KEYS[3], executionId, '{"type":"TimerFired","timer":{"visit":' .. visit .. ',"purpose":"' .. purpose .. '"}}')
      fired = fired + 1
    end
  end
end
local after = redis.call('ZRANGE', timers, 0, 0, 'WITHSCORES')
return { fired, after[2] and math.max(0, tonumber(after[2]) - ms) or -1 }
