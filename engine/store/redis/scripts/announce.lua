-- Tells that an engine lives, and which others do.
-- KEYS  engines     ARGV  owner, ttlMs
-- include now
local ms = now()
redis.call('ZADD', KEYS[1], ms + tonumber(ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms)
return redis.call('ZRANGE', KEYS[1], 0, -1)
