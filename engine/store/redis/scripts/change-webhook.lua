-- Adds, replaces or removes a webhook, if it still is what the change was made from.
-- KEYS  webhooks     ARGV  id, webhook before, webhook after; '' for none; how many there may be
-- Answers 1, 0 when another change came first, -1 when there are enough.
local before = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if before ~= ARGV[2] then return 0 end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  -- '#' counts the changes.
  local count = redis.call('HLEN', KEYS[1]) - redis.call('HEXISTS', KEYS[1], '#')
  if before == '' and count >= tonumber(ARGV[4]) then return -1 end
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
redis.call('HINCRBY', KEYS[1], '#', 1)
return 1
