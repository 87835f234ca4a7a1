-- Takes a shard's lease when it is free, expired or ours by name.
-- KEYS  lease     ARGV  owner, leaseMs
-- Answers the new epoch, or nil when another engine holds the lease.
-- include now
local lease = redis.call('HMGET', KEYS[1], 'owner', 'epoch', 'expires')
local ms = now()
if lease[1] and lease[1] ~= ARGV[1] and tonumber(lease[3]) > ms then return nil end
local epoch = (tonumber(lease[2]) or 0) + 1
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'epoch', epoch, 'expires', ms + tonumber(ARGV[2]), 'sequence', 0)
return epoch
