-- Removes an activity with its tags, settings and permits, if it is the very one that its row in the list says.
-- KEYS  activity, activities, settings, last hand-outs, tags, permits, bound, holders     ARGV  row, arn
if redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then return end
redis.call('DEL', KEYS[1], unpack(KEYS, 5))
redis.call('HDEL', KEYS[4], ARGV[2])
if redis.call('HDEL', KEYS[3], ARGV[2]) == 1 then redis.call('HINCRBY', KEYS[3], '#', 1) end
