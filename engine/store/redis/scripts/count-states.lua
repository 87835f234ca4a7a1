-- Counts the executions of a machine in each state that one of them is in.
-- KEYS  states
-- Answers states (as JSON) and counts in turn.
local found = {}
local from = '-'
while true do
  local first = redis.call('ZRANGEBYLEX', KEYS[1], from, '+', 'LIMIT', 0, 1)[1]
  if not first then return found end
  -- Behind the state come 13 digits and an id of 22 characters.
  local state = string.sub(first, 1, -36)
  local past = '(' .. state .. ':'
  found[#found + 1] = state
  found[#found + 1] = redis.call('ZLEXCOUNT', KEYS[1], '[' .. state, past)
  from = past
end
