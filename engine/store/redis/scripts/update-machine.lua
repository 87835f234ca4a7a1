-- Writes a new revision of a machine, if it still has the one that the change was made from.
-- KEYS  machine, revision     ARGV  revisionId it was made from, new revisionId, body
-- Answers the kept machine, 0 when another change came first, nil when the machine is gone.
-- include now
local taken = redis.call('GET', KEYS[1])
if not taken then return nil end
local creationMs, current = string.match(taken, '^(%d+) %d+ (%S+) ')
if current == ARGV[2] then return taken end
if current ~= ARGV[1] then return 0 end
local kept = table.concat({ creationMs, string.format('%.0f', now()), ARGV[2], ARGV[3] }, ' ')
redis.call('SET', KEYS[1], kept)
redis.call('SET', KEYS[2], kept)
return kept
