-- Requests that took effect, so that one which a cut connection sends twice is answered alike. The shard's owner
-- moves the set aside every minute (renew.lua), so a request is remembered for one to two minutes.
local function isRemembered(claims, oldClaims, requestId)
  return redis.call('SISMEMBER', claims, requestId) == 1 or redis.call('SISMEMBER', oldClaims, requestId) == 1
end
