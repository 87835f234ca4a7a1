-- Asks for the end of a redrive of many executions.
-- KEYS  bulk redrive
-- Answers 1, or 0 when there is none.
local status = redis.call('HGET', KEYS[1], 's')
if status == 'RUNNING' then redis.call('HSET', KEYS[1], 'x', '1') end
return status and 1 or 0
