-- Keeps a redrive of many executions, unless one of the machine is under way.
-- KEYS  bulk redrive, open ones by the end of their lease, ids by machine
-- ARGV  id, stateMachineArn, what is asked, how far it is
-- Answers the id of the one that is there now.
-- include now
if redis.call('EXISTS', KEYS[1]) == 1 then return ARGV[1] end
local running = redis.call('HGET', KEYS[3], ARGV[2])
if running then return running end
local createdMs = string.format('%d', now())
redis.call('HSET', KEYS[1], 'm', ARGV[2], 'a', ARGV[3], 'p', ARGV[4], 'c', createdMs, 's', 'RUNNING', 'e', 0, 'x', '')
redis.call('ZADD', KEYS[2], 0, ARGV[1])
redis.call('HSET', KEYS[3], ARGV[2], ARGV[1])
return ARGV[1]
