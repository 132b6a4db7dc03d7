--[[ *Compare this series*, *Next series*, *Previous series*, and the steps of the Why window: what is selected, and how
it is shown. Uses what the last auto-cull stored, and writes nothing. Every function needs a task.
]]

local LrApplication = import 'LrApplication'
local LrApplicationView = import 'LrApplicationView'
local LrDate = import 'LrDate'
local LrDialogs = import 'LrDialogs'
local LrTasks = import 'LrTasks'

local CatalogReader = require 'CatalogReader'
local StoredVerdict = require 'StoredVerdict'

local SeriesView = {}

local TIMEOUT = 5
local POLL = 0.1
local BATCH = 200

-- Lightroom changes its selection asynchronously.
local function waitFor(condition)
  local deadline = LrDate.currentTime() + TIMEOUT
  while not condition() and LrDate.currentTime() < deadline do LrTasks.sleep(POLL) end
end

-- Returns all photos that Lightroom shows, in their order, and the active one. Lightroom returns them only while fewer
-- than two are selected: the active one alone is selected first.
local function shownPhotos(catalog)
  local active = catalog:getTargetPhoto()
  if active and #catalog:getTargetPhotos() > 1 then
    catalog:setSelectedPhotos(active, {})
    waitFor(function() return #catalog:getTargetPhotos() == 1 end)
  end
  return catalog:getMultipleSelectedOrAllPhotos(), active
end

local function positionOf(photos, active)
  for index, photo in ipairs(photos) do
    if active and photo.localIdentifier == active.localIdentifier then return index end
  end
  return 0
end

-- Returns the photos before or after the active one, nearest first.
local function onwards(photos, active, step)
  local position, rest = positionOf(photos, active), {}
  if position == 0 and step < 0 then position = #photos + 1 end
  for index = position + step, step > 0 and #photos or 1, step do rest[#rest + 1] = photos[index] end
  return rest
end

-- Returns the first of `photos` whose stored fields satisfy `matches`; reads no more of them than needed.
local function first(photos, matches)
  for start = 1, #photos, BATCH do
    local portion = { unpack(photos, start, math.min(start + BATCH - 1, #photos)) }
    local fields = StoredVerdict.fields(portion)
    for _, photo in ipairs(portion) do
      if matches(fields[photo] or {}) then return photo end
    end
    LrTasks.yield()
  end
  return nil
end

local function show(photos)
  local others = { unpack(photos, 2) }
  LrApplication.activeCatalog():setSelectedPhotos(photos[1], others)
  LrApplicationView.switchToModule 'library'
  LrApplicationView.showView(#photos == 2 and 'compare' or 'survey')
end

local function hasSeries(fields)
  return type(fields.seriesId) == 'string' and fields.seriesId ~= ''
end

local function note(text)
  LrDialogs.showBezel(text, 2)
end

--- Selects the active photo with its siblings and shows them side by side: two in Compare, more in Survey.
function SeriesView.compare()
  local photo = LrApplication.activeCatalog():getTargetPhoto()
  local photos = photo and CatalogReader.siblings(photo) or {}
  if #photos < 2 then return note(LOC '$$$/Autocull/Series/Alone=This photo is in no series') end
  return show(photos)
end

-- Shows the series after the active photo (`step` 1) or before it (-1), among the photos that Lightroom shows.
local function go(step)
  local catalog = LrApplication.activeCatalog()
  local photos, active = shownPhotos(catalog)
  local own = active and StoredVerdict.fields({ active })[active] or {}
  local photo = first(onwards(photos, active, step), function(fields)
    return hasSeries(fields) and fields.seriesId ~= own.seriesId
  end)
  if not photo then return note(LOC '$$$/Autocull/Series/NoMore=There is no further series') end
  return show(CatalogReader.siblings(photo))
end

--- Shows the series after the active photo, among the photos that Lightroom shows.
function SeriesView.nextSeries()
  return go(1)
end

--- Shows the series before the active photo.
function SeriesView.previousSeries()
  return go(-1)
end

--- Selects the next photo that the last auto-cull left open.
function SeriesView.nextDoubtful()
  local catalog = LrApplication.activeCatalog()
  local photos, active = shownPhotos(catalog)
  local photo = first(onwards(photos, active, 1), function(fields) return fields.verdict == 'cannot_tell' end)
  if not photo then return note(LOC '$$$/Autocull/Series/NoDoubt=There is no further photo to review') end
  return catalog:setSelectedPhotos(photo, {})
end

return SeriesView
