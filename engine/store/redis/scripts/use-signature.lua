-- Notes that a signature was used.
-- KEYS  signature: <ms of the first use> <id of its request>
-- ARGV  id of the request, ms to remember it, ms after the first use in which others may use it as well
-- Answers 1 when it may be used.
-- include now
local ms = now()
local kept = redis.call('GET', KEYS[1])
if not kept then
  redis.call('SET', KEYS[1], string.format('%.0f %s', ms, ARGV[1]), 'PX', ARGV[2])
  return 1
end
local at, request = string.match(kept, '^(%d+) (.*)$')
if request == ARGV[1] or ms - tonumber(at) < tonumber(ARGV[3]) then return 1 end
return 0
