-- Takes one request from the bucket of an access key. A bucket that is full again is gone.
-- KEYS  bucket: <requests left> <ms when>
-- ARGV  requests that are filled in per second, requests that it holds
-- Answers 0, or the ms until there is a request again.
-- include now
local rate, burst, ms = tonumber(ARGV[1]) / 1000, tonumber(ARGV[2]), now()
local left = burst
local kept = redis.call('GET', KEYS[1])
if kept then
  local before, at = string.match(kept, '^(%S+) (%S+)$')
  left = math.min(burst, tonumber(before) + math.max(0, ms - tonumber(at)) * rate)
end
local wait = 0
if left >= 1 then left = left - 1 else wait = math.ceil((1 - left) / rate) end
local full = math.max(1, math.ceil((burst - left) / rate))
redis.call('SET', KEYS[1], string.format('%.6f %.0f', left, ms), 'PX', string.format('%.0f', full))
return wait
