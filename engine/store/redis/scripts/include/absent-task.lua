-- What to say of a token whose task is not there: closed, or unknown when this execution never gave it out.
local function absentTask(execution, frames, visit)
  local kept = redis.call('HMGET', execution, 'r', 's')
  if not kept[1] then return 'unknown' end
  if kept[2] then return 'closed' end
  local head = redis.call('HGET', frames, 'h')
  local visits = head and tonumber(string.match(head, '%d+$')) or 0
  return tonumber(visit) <= visits and 'closed' or 'unknown'
end
