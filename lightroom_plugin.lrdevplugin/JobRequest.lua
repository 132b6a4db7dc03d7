--[[ The request that starts a job: its settings, and each photo with what the catalog holds of it. Pure: no host. ]]

local CullPlan = require 'CullPlan'
local Json = require 'Json'

local JobRequest = {}

-- Other programs write a rating of -1 for rejects. The protocol has none, and would refuse the whole batch.
local function stars(rating)
  if rating == 0 then return Json.null end
  return rating >= 1 and rating <= 5 and rating % 1 == 0 and rating or nil
end

local function photoOf(item)
  local marks = item.marks
  local isValid = #marks.label <= CullPlan.LONGEST_LABEL and Json.isUtf8(marks.label)
  local label = isValid and marks.label or nil
  return {
    id = item.id,
    path = item.path,
    fallback = item.fallback,
    preview = item.preview,
    capture = next(item.capture) and item.capture or nil,
    marks = { rating = stars(marks.rating), label = label, flag = marks.flag },
  }
end

--- Returns CatalogReader's `items` as the protocol has photos.
function JobRequest.photos(items)
  local photos = Json.array {}
  for index, item in ipairs(items) do photos[index] = photoOf(item) end
  return photos
end

-- The settings that differ from the profile's: the moved limits, and the photographer's own marks.
local function changesOf(run)
  local changes = {}
  for name, value in pairs(run.changes or {}) do changes[name] = value end
  if run.settings.marks then changes.marks = Json.array(run.settings.marks) end
  return next(changes) and changes or nil
end

--- Returns the job of a run with its first photos; `more`: whether further ones follow. `run` has `catalog`,
-- `settings`, `changes` (Strictness.changes) and `args` with `source` and `dryRun`.
function JobRequest.job(run, items, more)
  return {
    catalog = run.catalog,
    source = run.args.source,
    purpose = run.args.dryRun and 'look' or 'cull',
    profile = run.settings.profile,
    taste = run.settings.taste ~= '' and run.settings.taste or nil,
    settings = changesOf(run),
    more = more,
    photos = JobRequest.photos(items),
  }
end

return JobRequest
