-- Takes a redrive of many executions that nobody works on.
-- KEYS  bulk redrive, open ones by the end of their lease
-- ARGV  id, for how many ms
-- Answers its epoch and fields; nil when it has ended or somebody works on it.
-- include now
local leaseEndMs = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not leaseEndMs or tonumber(leaseEndMs) > now() then return nil end
redis.call('ZADD', KEYS[2], now() + tonumber(ARGV[2]), ARGV[1])
return { redis.call('HINCRBY', KEYS[1], 'e', 1), redis.call('HMGET', KEYS[1], 'm', 'a', 'p', 'c', 's', 'x') }
