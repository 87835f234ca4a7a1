-- Claims a token with the result of its task.
-- KEYS  work, timers, outbox, inbox, claims
-- ARGV  executionId, visit, nonce, stimulus, requestId, 1 when the task is to be submitted first, else ''
-- Answers accepted (with the activity under whose permit it was handed out, if so), unknown when the token is not the task's, nil when the task is not there.
-- include inbox
-- include task
-- include end-task
local executionId, visit = ARGV[1], ARGV[2]
local task = findTask(KEYS[1], visit)
if not task then return nil end
if task.nonce ~= ARGV[3] then return 'unknown' end
if task.held then return 'closed' end
if ARGV[6] ~= '' and not task.child then
  redis.call('HSET', KEYS[1], 'r' .. visit, ARGV[4])
  redis.call('SADD', KEYS[5], ARGV[5])
  return 'accepted'
end
-- What frees room comes first: so a Redis that is full does not refuse the rest.
endTask(KEYS[1], KEYS[2], KEYS[3], executionId, visit, task)
if task.state == 'r' and task.worker ~= '' then
  -- Its start was not told yet and never will be: the worker's name comes with the result.
  tell(KEYS[4], executionId, ARGV[4], 'w', task.worker)
else
  tell(KEYS[4], executionId, ARGV[4])
end
redis.call('SADD', KEYS[5], ARGV[5])
return task.permit and 'accepted ' .. task.permit or 'accepted'
