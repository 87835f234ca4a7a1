-- Replaces the search attributes of a machine, if there is such a machine.
-- KEYS  machine, search attributes     ARGV  text, empty when it is to have none
-- Answers 1, or 0 when there is none.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[1] == '' then
  redis.call('DEL', KEYS[2])
else
  redis.call('SET', KEYS[2], ARGV[1])
end
return 1
