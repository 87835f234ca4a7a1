-- Keeps how far a redrive of many executions is.
-- KEYS  bulk redrive, open ones by the end of their lease, ids by machine
-- ARGV  id, stateMachineArn, epoch, how far it is, for how many ms it is taken on, how it has ended or '', for how many ms it is told then
-- Answers 1 when kept; 2 when it is also to end; 0 when somebody else has it.
-- include now
local kept = redis.call('HMGET', KEYS[1], 'e', 's', 'x')
if kept[1] ~= ARGV[3] or kept[2] ~= 'RUNNING' then return 0 end
redis.call('HSET', KEYS[1], 'p', ARGV[4])
if ARGV[6] == '' then
  redis.call('ZADD', KEYS[2], now() + tonumber(ARGV[5]), ARGV[1])
else
  redis.call('HSET', KEYS[1], 's', ARGV[6])
  redis.call('PEXPIRE', KEYS[1], ARGV[7])
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('HDEL', KEYS[3], ARGV[2])
end
return kept[3] == '' and 1 or 2
