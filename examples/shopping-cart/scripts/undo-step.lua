-- Undoes one step of one order, once. A step that has not been done is marked all the same: it is refused when it
-- arrives late.
-- KEYS: steps, then the books
-- ARGV: the step
-- Answers whether it had been done.
local steps, step = KEYS[1], ARGV[1]
local books = { money = KEYS[2], stock = KEYS[3], orders = KEYS[4], outbox = KEYS[5] }

local known = redis.call('HGET', steps, step)
redis.call('HSET', steps, step, 'undone')
if not known or known == 'undone' then
  return 0
end

local booking = cjson.decode(known)
for _, move in ipairs(booking.moves) do
  redis.call('HINCRBY', books[move.book], move.from, move.units)
  if redis.call('HINCRBY', books[move.book], move.to, -move.units) == 0 then
    redis.call('HDEL', books[move.book], move.to)
  end
end
for _, entry in ipairs(booking.corrections) do
  redis.call('HSET', books[entry.book], entry.field, entry.value)
end
return 1
