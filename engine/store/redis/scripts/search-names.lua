-- Looks through some executions of a shard in the order of their names for those that are in several sorted sets.
-- KEYS  names; of each status: the sets that a match is in, the first by start
-- ARGV  first and last member (as ZRANGEBYLEX has them), how many to look at, oldest ms, ms before which it started, the machine's tag or '',
--       sets per status, the prefix of each (see inAll). Each ms has 13 digits
-- Answers {1 when there are no more, else 0; the last member; of each match its member, ms and the index of its status}.
-- include in-all
local count, oldest, before, tag, perStatus = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6], tonumber(ARGV[7])
local prefixes = { unpack(ARGV, 9, 7 + perStatus) }
local looked = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', 0, count)
local found = { #looked < count and 1 or 0, looked[#looked] or '' }

-- A member ends with the id, of 22 characters, and the tag of its machine, of 6.
local members, ids = {}, {}
for _, member in ipairs(looked) do
  if tag == '' or string.sub(member, -6) == tag then
    members[#members + 1] = member
    ids[#ids + 1] = string.sub(member, -28, -7)
  end
end
if #members == 0 then return found end
for key = 2, #KEYS, perStatus do
  local candidates = {}
  for at, score in ipairs(redis.call('ZMSCORE', KEYS[key], unpack(ids))) do
    if score and tonumber(score) >= oldest and tonumber(score) < before then
      candidates[#candidates + 1] = { ids[at], padded(score), members[at] }
    end
  end
  for _, each in ipairs(inAll(candidates, { unpack(KEYS, key + 1, key + perStatus - 1) }, prefixes)) do
    found[#found + 1] = each[3]
    found[#found + 1] = each[2]
    found[#found + 1] = (key - 2) / perStatus
  end
end
return found
