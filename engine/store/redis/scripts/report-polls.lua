-- Keeps what a process tells of the polls that wait in it, in place of what it told before.
-- KEYS  processes, polls of this one, last hand-outs     ARGV  process, ttl in ms, then arn, waiting, ms since the last hand-out or '', and
-- workers with the ms since they were seen (JSON); for each activity
-- Polls are a hash by ARN: <waiting> <ms> <workers>.
-- include now
local ms, ttl = now(), tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms)
redis.call('DEL', KEYS[2])
if #ARGV == 2 then
  redis.call('ZREM', KEYS[1], ARGV[1])
  return
end
redis.call('ZADD', KEYS[1], ms + ttl, ARGV[1])
for at = 3, #ARGV, 4 do
  local arn = ARGV[at]
  redis.call('HSET', KEYS[2], arn, table.concat({ ARGV[at + 1], string.format('%.0f', ms), ARGV[at + 3] }, ' '))
  if ARGV[at + 2] ~= '' then
    local handOut = ms - tonumber(ARGV[at + 2])
    local known = tonumber(redis.call('HGET', KEYS[3], arn) or 0)
    if handOut > known then redis.call('HSET', KEYS[3], arn, string.format('%.0f', handOut)) end
  end
end
redis.call('PEXPIRE', KEYS[2], ttl)
