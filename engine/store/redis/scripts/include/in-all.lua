-- Of candidates { id, ms } those that are in each of some sorted sets. Where a set has a prefix its members are <prefix><ms><id>, else ids.
-- ms has 13 digits.
local function inAll(candidates, keys, prefixes)
  for at, key in ipairs(keys) do
    if #candidates == 0 then return candidates end
    local members = {}
    for index, each in ipairs(candidates) do
      members[index] = prefixes[at] == '' and each[1] or (prefixes[at] .. each[2] .. each[1])
    end
    local left = {}
    for index, score in ipairs(redis.call('ZMSCORE', key, unpack(members))) do
      if score then left[#left + 1] = candidates[index] end
    end
    candidates = left
  end
  return candidates
end

local function padded(ms)
  return string.rep('0', 13 - #ms) .. ms
end
