-- Writes one batch of a shard's owner, all or nothing.
-- KEYS  lease, timers, outbox, inbox, notices, their texts, and what the operations name by index
-- ARGV  epoch, sequence, then operations: name, index of the key, number of arguments, arguments
-- Answers 1 when written, now or when the same batch was sent before; 2 when that gave notices to send; 0 when the lease is another's.
-- include now
-- include inbox
-- include notices
local lease = redis.call('HMGET', KEYS[1], 'epoch', 'sequence')
if lease[1] ~= ARGV[1] then return 0 end
if lease[2] == ARGV[2] then return 1 end
if tonumber(lease[2]) + 1 ~= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'sequence', ARGV[2])

local FIRST_CHECK_MS = 5000
local answer = 1

-- What is more than one Redis command; every other name is a command.
local operations = {}

-- New tasks: the owner queues them right after this commit, the outbox checks that it did.
function operations.offer(outbox, first, last)
  local check = now() + FIRST_CHECK_MS
  local members = {}
  for at = first, last do
    members[#members + 1] = check
    members[#members + 1] = ARGV[at]
  end
  redis.call('ZADD', outbox, unpack(members))
end

-- A heartbeat may have come before the commit that sets its timer: the later deadline holds.
function operations.postpone(timers, first, last)
  redis.call('ZADD', timers, 'GT', unpack(ARGV, first, last))
end

-- An execution ends: who waits for it is to hear that.
function operations.close(execution, first, last)
  redis.call('HSET', execution, unpack(ARGV, first + 1, last))
  if redis.call('HEXISTS', execution, 'w') == 1 then
    addNotice(KEYS[5], KEYS[6], ARGV[first], 'e' .. ARGV[first + 2])
    local started = string.match(ARGV[first], '^[^|]*') .. '|w'
    redis.call('ZREM', KEYS[5], started)
    redis.call('HDEL', KEYS[6], started)
    answer = 2
  end
end

-- Tasks are taken back: executions that were started for them are to stop.
function operations.withdraw(work, first, last)
  for at = first + 1, last do
    local child = redis.call('HGET', work, 'c' .. ARGV[at])
    if child then
      addStop(KEYS[5], KEYS[6], ARGV[first], ARGV[at], child)
      answer = 2
    end
    redis.call('HDEL', work, 'c' .. ARGV[at], 'r' .. ARGV[at], 'p' .. ARGV[at])
  end
end

-- The status of executions changes, and webhooks are to hear of it: ids of notices and their texts.
function operations.announce(notices, first, last)
  local turn, turns, texts = now(), {}, {}
  for at = first, last, 2 do
    turns[#turns + 1], turns[#turns + 2] = turn, ARGV[at]
    texts[#texts + 1], texts[#texts + 2] = ARGV[at], '0|' .. ARGV[at + 1]
  end
  redis.call('ZADD', notices, unpack(turns))
  redis.call('HSET', KEYS[6], unpack(texts))
  answer = 2
end

-- A child of a Map Run begins, as `start.lua` begins others.
function operations.begin(execution, first, last)
  local executionId, record, input = ARGV[first], ARGV[first + 1], ARGV[first + 2]
  local ms = tell(KEYS[4], executionId, '{"type":"Started"}', 'r', record, 'i', input)
  redis.call('HSET', execution, 'r', ms .. record, 'i', input)
  for at = first + 3, last do redis.call('ZADD', KEYS[tonumber(ARGV[at])], ms, executionId) end
end

-- A child goes on, as `redrive.lua` has others go on. When it ended well, or has not ended, or is gone, its parent is told.
function operations.redriveChild(execution, first, last)
  local id, parent, open, ended, gone = unpack(ARGV, first, first + 4)
  local kept = redis.call('HMGET', execution, 'r', 's', 'd', 'i', 'o')
  if not kept[1] then
    tell(KEYS[4], parent, gone)
  elseif not kept[2] then
    tell(KEYS[4], parent, open)
  elseif string.find(kept[2], '"status":"SUCCEEDED"', 1, true) then
    tell(KEYS[4], parent, ended, 'k', kept[1], 'x', kept[2], 'i', kept[4], 'o', kept[5])
  else
    local count = string.format('%d', (kept[3] and tonumber(string.match(kept[3], '^%d+')) or 0) + 1)
    local ms = tell(KEYS[4], id, '{"type":"Redriven","count":' .. count .. '}')
    redis.call('HSET', execution, 'd', count .. ' ' .. ms)
    redis.call('HDEL', execution, 's')
    for at = first + 5, last do
      local index = KEYS[tonumber(ARGV[at])]
      if at == first + 5 then
        redis.call('ZADD', index, string.match(kept[1], '^%d+'), id)
      else
        redis.call('ZREM', index, id)
      end
    end
  end
end

-- Takes back what a work hash says may still come in. Answers the fields that are void now.
local function takeBack(work, executionId)
  local void = {}
  for _, field in ipairs(redis.call('HKEYS', work)) do
    local kind = string.sub(field, 1, 1)
    if kind == 'z' then
      redis.call('ZREM', KEYS[2], executionId .. '|' .. string.sub(field, 2))
    elseif kind == 't' then
      redis.call('ZREM', KEYS[3], executionId .. '|' .. string.sub(field, 2))
    elseif kind == 'c' then
      addStop(KEYS[5], KEYS[6], executionId, string.sub(field, 2), redis.call('HGET', work, field))
      answer = 2
    end
    if string.find('ztbcrp', kind, 1, true) then void[#void + 1] = field end
  end
  return void
end

-- The end of an execution that succeeded.
function operations.finish(work, first)
  takeBack(work, ARGV[first])
  redis.call('UNLINK', work)
end

-- The end of one that did not: its head and frames stay, for a redrive.
function operations.halt(work, first)
  for _, field in ipairs(takeBack(work, ARGV[first])) do redis.call('HDEL', work, field) end
end

-- What has changed, for whoever listens. That nobody may, or that it is not allowed, is no failure of the commit.
function operations.publish(channel, first)
  redis.pcall('PUBLISH', channel, ARGV[first])
end

local at = 3
while at <= #ARGV do
  local name, key = ARGV[at], KEYS[tonumber(ARGV[at + 1])]
  local first, last = at + 3, at + 2 + tonumber(ARGV[at + 2])
  local operation = operations[name]
  if operation then
    operation(key, first, last)
  else
    redis.call(name, key, unpack(ARGV, first, last))
  end
  at = last + 1
end
return answer
