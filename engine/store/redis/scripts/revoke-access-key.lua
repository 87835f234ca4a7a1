-- Forgets an access key. Field # counts changes.
-- KEYS  access keys, its bucket
-- ARGV  id
-- Answers 1 when there was one.
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], '#', 1)
redis.call('DEL', KEYS[2])
return 1
