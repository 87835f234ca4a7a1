-- What is due in a sorted set of instants, and when the next is.
-- KEYS  set     ARGV  how far ahead of now to look (ms), limit
-- Answers {ms until the next that is not listed, or -1, members}.
-- include now
local ms = now()
local horizon = ms + tonumber(ARGV[1])
local limit = tonumber(ARGV[2])
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', horizon, 'LIMIT', 0, limit)
local after = redis.call('ZRANGE', KEYS[1], #due, #due, 'WITHSCORES')
return { after[2] and math.max(0, tonumber(after[2]) - ms) or -1, due }
