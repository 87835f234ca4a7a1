-- The work hash of an execution holds, beside its head and frames, by visit:
--   t<visit>            state|checks|heartbeatMs|nonce|worker; state w waiting, r reserved, s started; worker as JSON
--   b<visit>            the body, until a worker has started it
--   c<visit>            the ARN of the execution that was started for the task
--   p<visit>            the ARN of the activity under whose permit the task was handed out
--   r<visit>            the result of that execution (a stimulus), if it is known before the execution itself
--   z<visit>|<purpose>  a mark for each timer in the timers set, so that the close finds them
local function parseTask(header)
  local state, checks, heartbeatMs, nonce, worker =
    string.match(header, '^(%a)|(%d+)|(%d*)|([^|]*)|(.*)$')
  return { state = state, checks = checks, heartbeatMs = heartbeatMs, nonce = nonce, worker = worker }
end

local function formatTask(task)
  return table.concat({ task.state, task.checks, task.heartbeatMs, task.nonce, task.worker }, '|')
end
