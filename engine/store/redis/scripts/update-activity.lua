-- Changes the settings of an activity: what is not given stays.
-- KEYS  activity, settings, permits, bound, holders
-- ARGV  arn, limits (JSON, '-' for none) or nothing, 'p' or '-' for not paused or nothing, 1 when such limits need permits else '', channel
-- Answers the kept activity, nil when there is none.
-- include activity
local kept = redis.call('GET', KEYS[1])
if not kept then return nil end
local record, paused, limits = splitActivity(kept)
if ARGV[2] ~= '' then limits = ARGV[2] == '-' and '' or ARGV[2] end
if ARGV[3] ~= '' then paused = ARGV[3] == '-' and '' or ARGV[3] end
local settings = paused .. '\0' .. limits
local changed = record .. '\0' .. settings
if settings == '\0' then
  changed = record
  redis.call('HDEL', KEYS[2], ARGV[1])
else
  redis.call('HSET', KEYS[2], ARGV[1], settings)
end
if changed == kept then return kept end
redis.call('SET', KEYS[1], changed)
redis.call('HINCRBY', KEYS[2], '#', 1)
-- Without limits nobody takes or frees permits any more.
if ARGV[2] ~= '' and ARGV[4] == '' then redis.call('DEL', KEYS[3], KEYS[4], KEYS[5]) end
redis.call('PUBLISH', ARGV[5], ARGV[1])
return changed
