-- Gives a lease up. The epoch grows, so that nothing of the old owner is written any more.
-- KEYS  lease     ARGV  epoch
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HDEL', KEYS[1], 'owner', 'expires')
return 1
