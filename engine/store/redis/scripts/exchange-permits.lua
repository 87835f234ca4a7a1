-- Gives back, binds and takes permits of an activity for one process.
-- KEYS  activity, permits, bound, holders
-- ARGV  process, sequence, held, wanted, lease in ms, channel, arn, number of tasks to bind, these, then tasks that got to no worker
-- Answers { granted, ms until it is worth asking again or -1, a digit 1 or 0 for each task to bind }; nil when no permits are needed.
-- permits is a hash: p<process> held|expires|sequence|answer; t tokens|ms of the last fill. bound is a sorted set of tasks by the ms
-- of the last look at them, holders a hash of the processes that bound them.
-- include now
-- include activity
local process, sequence = ARGV[1], ARGV[2]
local kept = redis.call('GET', KEYS[1])
if not kept then return nil end
local _, paused, text = splitActivity(kept)
local limits = text == '' and {} or cjson.decode(text)
local rate, max = limits.ratePerSecond, limits.maxConcurrency or math.huge
if paused == '' and not rate and max == math.huge then return nil end
local burst = rate and (limits.burst or math.max(1, math.ceil(rate))) or math.huge
local ms = now()

-- Who holds how many. Permits of processes that are silent come back.
local others, own, answered, back = 0, 0, nil, 0
local tokens, filled = burst, ms
local fields = redis.call('HGETALL', KEYS[2])
for at = 1, #fields, 2 do
  local field, value = fields[at], fields[at + 1]
  if field == 't' then
    local left, since = string.match(value, '^(.*)|(%d+)$')
    tokens, filled = tonumber(left), tonumber(since)
  else
    local held, expires, number, answer = string.match(value, '^(%d+)|(%d+)|(%d+)|(.*)$')
    if tonumber(expires) <= ms then
      redis.call('HDEL', KEYS[2], field)
      back = back + tonumber(held)
    elseif field == 'p' .. process then
      own, answered = tonumber(held), number == sequence and answer
    else
      others = others + tonumber(held)
    end
  end
end
if answered then
  local granted, retry, bits = string.match(answered, '^(%d+) (%-?%d+) (%d*)$')
  return { tonumber(granted), tonumber(retry), bits }
end

local held = math.min(own, tonumber(ARGV[3]))
back = back + own - held
local lastBind, undone = 8 + tonumber(ARGV[8]), 0
for at = lastBind + 1, #ARGV do
  if redis.call('HGET', KEYS[4], ARGV[at]) == process then
    redis.call('HDEL', KEYS[4], ARGV[at])
    -- Its share of the rate is used up: what was not used meanwhile may have been given to others.
    undone = undone + redis.call('ZREM', KEYS[3], ARGV[at])
  end
end
local bound = redis.call('ZCARD', KEYS[3])
if rate then
  tokens = tokens + back + math.max(0, ms - filled) / 1000 * rate
  -- A permit that is held is a hand-out that may come at any moment: it counts as one that was not used.
  tokens = math.max(0, math.min(tokens, burst - others - held))
end

local bits = {}
for at = 9, lastBind do
  local isBound = redis.call('ZSCORE', KEYS[3], ARGV[at])
  local isAllowed = held > 0 and paused == '' and others + held <= burst and (isBound or bound < max)
  if held > 0 then
    held = held - 1
    if not isAllowed then tokens, back = tokens + 1, back + 1 end
  end
  if isAllowed then
    if not isBound then bound = bound + 1 end
    redis.call('ZADD', KEYS[3], ms, ARGV[at])
    redis.call('HSET', KEYS[4], ARGV[at], process)
  end
  bits[#bits + 1] = isAllowed and '1' or '0'
end
tokens = math.max(0, math.min(tokens, burst - others - held))

local wanted, granted, retry = tonumber(ARGV[4]), 0, -1
if paused == '' then
  granted = math.max(0, math.min(wanted, max - bound - others - held, math.floor(tokens)))
  tokens, held = tokens - granted, held + granted
  if rate and granted < wanted and bound + others + held < max and others + held < burst then
    retry = math.max(1, math.ceil((1 - tokens) / rate * 1000))
  end
end

if rate then
  redis.call('HSET', KEYS[2], 't', string.format('%.12f|%.0f', tokens, ms))
else
  redis.call('HDEL', KEYS[2], 't')
end
local answer = string.format('%d %d %s', granted, retry, table.concat(bits))
local expires = string.format('%.0f', ms + tonumber(ARGV[5]))
redis.call('HSET', KEYS[2], 'p' .. process, table.concat({ held, expires, sequence, answer }, '|'))
if back + undone > granted then redis.call('PUBLISH', ARGV[6], ARGV[7]) end
return { granted, retry, table.concat(bits) }
