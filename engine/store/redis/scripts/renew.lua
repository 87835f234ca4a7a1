-- Extends a lease, and every minute makes the requests that are remembered old ones; the old ones are forgotten.
-- KEYS  lease, claims, old claims     ARGV  epoch, leaseMs
-- Answers 1, or 0 when it is another's.
-- include now
local REMEMBERED_MS = 60000
local lease = redis.call('HMGET', KEYS[1], 'epoch', 'claimsTurned')
if lease[1] ~= ARGV[1] then return 0 end
local ms = now()
redis.call('HSET', KEYS[1], 'expires', ms + tonumber(ARGV[2]))
if not lease[2] or tonumber(lease[2]) + REMEMBERED_MS <= ms then
  redis.call('HSET', KEYS[1], 'claimsTurned', ms)
  redis.call('UNLINK', KEYS[3])
  if redis.call('EXISTS', KEYS[2]) == 1 then
    redis.call('RENAME', KEYS[2], KEYS[3])
  end
end
return 1
