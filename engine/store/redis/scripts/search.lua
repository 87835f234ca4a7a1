-- Looks through some executions of a shard, newest first, for those that are in several sorted sets.
-- KEYS  of each source: the set that is looked through, then those that a match is in besides
-- ARGV  sets per source, the prefix of each (see inAll), oldest ms; of each source: how many to look at, ms and id of the place behind which
--       to begin. Each ms has 13 digits
-- Answers of each source {1 when it has no more, else 0; ms and id of the last that was looked at; ms and id of each match}.
-- include in-all
local perSource = tonumber(ARGV[1])
local prefixes = { unpack(ARGV, 3, 1 + perSource) }
local oldest = ARGV[2 + perSource]

-- By their bytes: Lua compares texts by the locale.
local function isBefore(left, right)
  for at = 1, #left do
    local a, b = string.byte(left, at), string.byte(right, at) or 0
    if a ~= b then return a < b end
  end
  return false
end

local function byStart(key, count, ms, id)
  local rank = redis.call('ZCOUNT', key, '(' .. ms, '+inf')
  for _, each in ipairs(redis.call('ZREVRANGEBYSCORE', key, ms, ms)) do
    if isBefore(each, id) then break end
    rank = rank + 1
  end
  local rows = redis.call('ZREVRANGE', key, rank, rank + count - 1, 'WITHSCORES')
  local candidates = {}
  for at = 1, #rows, 2 do
    local start = padded(rows[at + 1])
    if tonumber(start) < tonumber(oldest) then break end
    candidates[#candidates + 1] = { rows[at], start }
  end
  return candidates
end

local function byState(key, prefix, count, ms, id)
  local past, first = '(' .. prefix .. ms .. id, '[' .. prefix .. oldest
  local candidates = {}
  for _, member in ipairs(redis.call('ZREVRANGEBYLEX', key, past, first, 'LIMIT', 0, count)) do
    candidates[#candidates + 1] = { string.sub(member, -22), string.sub(member, -35, -23) }
  end
  return candidates
end

local answer = {}
for source = 1, #KEYS / perSource do
  local key = (source - 1) * perSource + 1
  local count, ms, id = unpack(ARGV, perSource + source * 3, perSource + source * 3 + 2)
  local candidates
  if ARGV[2] == '' then
    candidates = byStart(KEYS[key], tonumber(count), ms, id)
  else
    candidates = byState(KEYS[key], ARGV[2], tonumber(count), ms, id)
  end
  local last = candidates[#candidates] or { id, ms }
  local found = { #candidates < tonumber(count) and 1 or 0, last[2], last[1] }
  for _, each in ipairs(inAll(candidates, { unpack(KEYS, key + 1, key + perSource - 1) }, prefixes)) do
    found[#found + 1] = each[2]
    found[#found + 1] = each[1]
  end
  answer[source] = found
end
return answer
