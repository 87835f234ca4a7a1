-- Keeps an access key, unless its id is taken. Field # counts changes.
-- KEYS  access keys
-- ARGV  id, key (JSON)
-- Answers 1 when it was kept.
if redis.call('HSETNX', KEYS[1], ARGV[1], ARGV[2]) == 0 then return 0 end
redis.call('HINCRBY', KEYS[1], '#', 1)
return 1
