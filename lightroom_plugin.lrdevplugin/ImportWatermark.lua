--[[ The watermark of the import watch: photos with a larger local identifier are new imports.

The number is stored in the catalog, so that every catalog has its own. Lightroom has no import date; local
identifiers come from one counter that only grows, which is observed and not documented. So the counter is read by
creating a collection set and deleting it, and compared with the photos that were touched recently; where they
contradict it, every photo has to be read.
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

--- Returns the catalog's watermark, or nil where the watch never ran in this catalog. Task needed.
function ImportWatermark.read(catalog)
  return tonumber(catalog:getPropertyForPlugin(_PLUGIN, FIELD))
end

--- Stores the watermark. Returns true, or nil and an error where the catalog stayed busy. Task needed, and no gate.
function ImportWatermark.write(catalog, value)
  return CatalogWriter.privateGate(function() catalog:setPropertyForPlugin(_PLUGIN, FIELD, value) end)
end

-- Returns the present value of the catalog's counter, from the identifier of a new collection set.
local function readCounter(catalog)
  local action = LOC '$$$/Autocull/Watch/Baseline=Autocull: note where new imports begin'
  local name = 'Autocull ' .. tostring(math.floor(LrDate.currentTime()))
  local set
  local ok, err = CatalogWriter.gate(action, function()
    set = catalog:createCollectionSet(name, nil, false)
  end)
  if not ok then return nil, err end
  if not set then
    return failed('no_set', LOC '$$$/Autocull/Watch/NoSet=Lightroom created no collection set. Try again.')
  end
  local reached = set.localIdentifier
  local deleted = CatalogWriter.gate(action, function() set:delete() end)
  if not deleted then Log.warn('the collection set "' .. name .. '" was not deleted and may be deleted by hand') end
  return reached
end

--- Returns the present watermark without reading every photo; nil and an error where the counter is not reliable.
-- Task needed, and no gate.
function ImportWatermark.current(catalog)
  local reached, err = readCounter(catalog)
  if not reached then return nil, err end
  -- A photo with the same number proves two counters as well.
  local above = ImportDetector.above(ImportDetector.recent(catalog), reached - 1)
  if #above > 0 then
    Log.warn('local identifiers come from more than one counter: ' .. #above .. ' photos are above ' .. reached)
    return failed(
      'no_counter',
      LOC '$$$/Autocull/Watch/NoCounter=Old and new photos cannot be distinguished quickly in this catalog.',
      LOC '$$$/Autocull/Watch/NoCounterHint=Switch Flag new imports automatically off and on again.'
    )
  end
  return reached
end

--- Returns the present watermark by reading every photo, which may take minutes in a large catalog; nil where
-- `progress` (a scope) was cancelled. Task needed, and no gate.
function ImportWatermark.scan(catalog, progress)
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
