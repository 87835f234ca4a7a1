-- Claims a token with the result of its task.
-- KEYS  tasks, timers, outbox, inbox, execution, frames, claims, claims
-- ARGV  executionId, visit, nonce, stimulus, requestId
-- Answers accepted, closed or unknown.
-- include inbox
-- include claims
-- include task
-- include close-task
-- include absent-task
local executionId, visit = ARGV[1], ARGV[2]
local claims = { KEYS[7], KEYS[8] }
local header = redis.call('HGET', KEYS[1], visit)
if not header then
  if isRemembered(claims, ARGV[5]) then return 'accepted' end
  return absentTask(KEYS[5], KEYS[6], visit)
end
if parseTask(header).nonce ~= ARGV[3] then return 'unknown' end
local task = closeTask({ tasks = KEYS[1], timers = KEYS[2], outbox = KEYS[3] }, executionId, visit)
local ms
if task.state == 'r' and task.worker ~= '' then
  -- Its start was not told yet and never will be: the worker's name comes with the result.
  ms = tell(KEYS[4], executionId, ARGV[4], 'w', task.worker)
else
  ms = tell(KEYS[4], executionId, ARGV[4])
end
remember(claims, ARGV[5], ms)
return 'accepted'
