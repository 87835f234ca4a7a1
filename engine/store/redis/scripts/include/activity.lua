-- An activity is kept as <creationMs> <name>; with settings \0, 'p' when it is paused, \0, and its limits (JSON) if there are any, follow.
local function splitActivity(kept)
  local record, paused, limits = string.match(kept, '^([^%z]*)%z(p?)%z(.*)$')
  return record or kept, paused or '', limits or ''
end
