--[[ How far the import watch has come in each catalog: photos with a larger local identifier are new imports.

The number is kept in the catalog itself, so that every catalog has its own. Lightroom gives no import date;
local identifiers come from one counter that only grows, which is observed and not documented. So the counter
is read by making a collection set and deleting it, and what it says is held against the photos that were
touched of late; where they contradict it, only a look at every photo tells.
]]

local LrDate = import 'LrDate'
local LrTasks = import 'LrTasks'

local CatalogWriter = require 'CatalogWriter'
local ImportDetector = require 'ImportDetector'
local Log = require 'Log'

local ImportWatermark = {}

local FIELD = 'importWatermark'
local YIELD_EVERY = 1000

local function failed(code, message, hint)
  return nil, { kind = 'catalog', code = code, message = message, hint = hint }
end

--- The catalog's watermark, or nil where the watch never ran in this catalog. Task needed.
function ImportWatermark.read(catalog)
  return tonumber(catalog:getPropertyForPlugin(_PLUGIN, FIELD))
end

--- Stores the watermark; true, or nil and an error where the catalog stayed busy. Task needed, and no gate.
function ImportWatermark.write(catalog, value)
  return CatalogWriter.privateGate(function() catalog:setPropertyForPlugin(_PLUGIN, FIELD, value) end)
end

-- The identifier that the catalog's counter has reached, which a new collection set shows.
local function counter(catalog)
  local action = LOC '$$$/Autocull/Watch/Baseline=Autocull: note where new imports begin'
  local name = 'Autocull ' .. tostring(math.floor(LrDate.currentTime()))
  local set
  local ok, err = CatalogWriter.gate(action, function()
    set = catalog:createCollectionSet(name, nil, false)
  end)
  if not ok then return nil, err end
  if not set then
    return failed('no_set', LOC '$$$/Autocull/Watch/NoSet=Lightroom made no collection set to count from. Try again.')
  end
  local reached = set.localIdentifier
  local gone = CatalogWriter.gate(action, function() set:delete() end)
  if not gone then Log.warn('the collection set "' .. name .. '" is left over and may be deleted') end
  return reached
end

--- The watermark of this moment, without a look at every photo; nil and an error where it cannot be told so.
-- Task needed, and no gate.
function ImportWatermark.now(catalog)
  local reached, err = counter(catalog)
  if not reached then return nil, err end
  -- A photo of the same number would prove two counters as well.
  local above = ImportDetector.above(ImportDetector.recent(catalog), reached - 1)
  if #above > 0 then
    Log.warn('local identifiers come from more than one counter: ' .. #above .. ' photos lie above ' .. reached)
    return failed(
      'no_counter',
      LOC '$$$/Autocull/Watch/NoCounter=This catalog does not tell old photos from new ones at a glance.',
      LOC '$$$/Autocull/Watch/NoCounterHint=Switch Flag new imports automatically off and on again.'
    )
  end
  return reached
end

--- The watermark of this moment by a look at every photo, which may take minutes in a large catalog; nil where
-- `progress` (a scope) was cancelled. Task needed, and no gate.
function ImportWatermark.count(catalog, progress)
  local highest = 0
  local photos = catalog:getAllPhotos()
  for index, photo in ipairs(photos) do
    highest = math.max(highest, photo.localIdentifier)
    if index % YIELD_EVERY == 0 then
      if progress:isCanceled() then return nil end
      progress:setPortionComplete(index, #photos)
      LrTasks.yield()
    end
  end
  return highest
end

return ImportWatermark
