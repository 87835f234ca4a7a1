-- What other shards and webhooks are to hear: ids in notices by the ms of the next turn; in texts <turns>|e<kept state> of an
-- execution that has ended, <turns>|s<ARN> of one that is to stop, <turns>|w<waiter> of one that was started for a task,
-- <turns>|n<JSON> of one whose status has changed.
local function addNotice(notices, texts, id, text, delayMs)
  redis.call('ZADD', notices, now() + (delayMs or 0), id)
  redis.call('HSET', texts, id, '0|' .. text)
end

-- The execution that was started for a task is wanted no more.
local function addStop(notices, texts, executionId, visit, child)
  addNotice(notices, texts, executionId .. '|v' .. visit, 's' .. child)
end
