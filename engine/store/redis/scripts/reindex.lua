-- Corrects the indexes of an execution that was found where it does not belong any more, if it still stands as it was seen.
-- KEYS  execution, indexes that it is to go from, indexes that it is to be in
-- ARGV  executionId, startMs, its state as seen ('' while it is open, '-' when it is gone), its member of each index that it is to go from
local kept = redis.call('HMGET', KEYS[1], 'r', 's')
local state = kept[1] and (kept[2] or '') or '-'
if state ~= ARGV[3] then return end
local added = #ARGV - 1
for at = 2, added - 1 do redis.call('ZREM', KEYS[at], ARGV[at + 2]) end
for at = added, #KEYS do redis.call('ZADD', KEYS[at], ARGV[2], ARGV[1]) end
