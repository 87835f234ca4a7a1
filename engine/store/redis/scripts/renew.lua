-- Extends a lease.
-- KEYS  lease     ARGV  epoch, leaseMs
-- Answers 1, or 0 when it is another's.
-- include now
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'expires', now() + tonumber(ARGV[2]))
return 1
