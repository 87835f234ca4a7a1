-- Tasks that no worker has started: answers their bodies and moves their next checks away.
-- KEYS  outbox, work...     ARGV  executionId, visit, index of the work key; for each
-- Answers a body or nil for each.
-- include now
-- include task
local FIRST_CHECK_MS, LAST_CHECK_MS = 5000, 300000
local ms = now()
local bodies = {}
for at = 1, #ARGV, 3 do
  local work, visit = KEYS[tonumber(ARGV[at + 2])], ARGV[at + 1]
  local member = ARGV[at] .. '|' .. visit
  local kept = redis.call('HMGET', work, 't' .. visit, 'b' .. visit)
  if kept[1] and kept[2] then
    local task = parseTask(kept[1])
    task.checks = math.min(tonumber(task.checks) + 1, 10)
    redis.call('HSET', work, 't' .. visit, formatTask(task))
    redis.call('ZADD', KEYS[1], 'XX', ms + math.min(FIRST_CHECK_MS * 2 ^ task.checks, LAST_CHECK_MS), member)
    bodies[#bodies + 1] = kept[2]
  else
    redis.call('ZREM', KEYS[1], member)
    bodies[#bodies + 1] = false
  end
end
return bodies
