-- Does one step of one order, once: moves units between accounts, and writes entries.
-- KEYS: steps, then the books
-- ARGV: the step, what it does (Booking as JSON)
-- Answers {'done', booking} with what was booked the first time, {'undone'} or {'short', account, what it has}.
local steps, step = KEYS[1], ARGV[1]
local books = { money = KEYS[2], stock = KEYS[3], orders = KEYS[4], outbox = KEYS[5] }

local known = redis.call('HGET', steps, step)
if known == 'undone' then
  return { 'undone' }
elseif known then
  return { 'done', known }
end

local booking = cjson.decode(ARGV[2])
for _, move in ipairs(booking.moves) do
  local units = tonumber(redis.call('HGET', books[move.book], move.from) or '0')
  if units < move.units then
    return { 'short', move.from, units }
  end
end
for _, move in ipairs(booking.moves) do
  redis.call('HINCRBY', books[move.book], move.from, -move.units)
  redis.call('HINCRBY', books[move.book], move.to, move.units)
end
for _, entry in ipairs(booking.entries) do
  redis.call('HSET', books[entry.book], entry.field, entry.value)
end
redis.call('HSET', steps, step, ARGV[2])
return { 'done', ARGV[2] }
