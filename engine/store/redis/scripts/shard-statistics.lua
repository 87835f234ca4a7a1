-- How much lies in a shard.
-- KEYS  lease, inbox, outbox, timers
-- Answers {owner or '', ms that the lease has left, entries of the inbox, ms since the oldest came, tasks, timers, timers due}.
-- include now
local ms = now()
local lease = redis.call('HMGET', KEYS[1], 'owner', 'expires')
local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
local arrived = first and tonumber(string.match(first[1], '^%d+')) or ms
return {
  lease[1] or '',
  (tonumber(lease[2]) or ms) - ms,
  redis.call('XLEN', KEYS[2]),
  ms - arrived,
  redis.call('ZCARD', KEYS[3]),
  redis.call('ZCARD', KEYS[4]),
  redis.call('ZCOUNT', KEYS[4], '-inf', ms),
}
