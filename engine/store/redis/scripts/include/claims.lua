-- Requests that took effect, so that one which a cut connection sends twice is answered alike. A request id is kept
-- for one to two periods. Two sets take turns, so that every key is known beforehand.
local PERIOD_MS = 60000

local function remember(claims, requestId, ms)
  local period = math.floor(tonumber(ms) / PERIOD_MS)
  local key = claims[period % 2 + 1]
  redis.call('SADD', key, requestId)
  if redis.call('PTTL', key) < 0 then
    -- The set ends before its turn comes again.
    redis.call('PEXPIREAT', key, (period + 2) * PERIOD_MS)
  end
end

local function isRemembered(claims, requestId)
  return redis.call('SISMEMBER', claims[1], requestId) == 1 or redis.call('SISMEMBER', claims[2], requestId) == 1
end
