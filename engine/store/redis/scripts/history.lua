-- A page of an execution's history, as it is kept.
-- KEYS  history, execution     ARGV  offset, limit, 1 for newest first
-- Answers {events, oldest first; how many there are in all; the event before them that they refer to, or nil},
-- or nil when there is no such execution.
if redis.call('EXISTS', KEYS[2]) == 0 then return nil end
local total = redis.call('LLEN', KEYS[1])
local first, last = tonumber(ARGV[1]), tonumber(ARGV[1]) + tonumber(ARGV[2]) - 1
if ARGV[3] == '1' then
  first, last = math.max(0, total - 1 - last), total - 1 - first
end
local events = last < first and {} or redis.call('LRANGE', KEYS[1], first, last)
for index, event in ipairs(events) do
  local back = string.match(event, '^\2(%d+):')
  if back and tonumber(back) >= index then
    return { events, total, redis.call('LINDEX', KEYS[1], first + index - 1 - tonumber(back)) }
  end
end
return { events, total }
