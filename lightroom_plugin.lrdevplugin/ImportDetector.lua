--[[ Which photos are new imports, and which of them nobody has decided yet.

The search is a constant: an operation or a value that Lightroom does not know would never return. It is cheap
at any size of the catalog. Every function needs a task, and must not be called within a gate.
]]

local LrTasks = import 'LrTasks'

local FilePresence = require 'FilePresence'

local ImportDetector = {}

-- A fresh import counts as touched; where a host does not set that date, the capture time covers a card's import.
local SEARCH = {
  combine = 'union',
  { criteria = 'touchTime', operation = 'inLast', value = 2, value2 = 1, value_units = 'days' },
  { criteria = 'captureTime', operation = 'inLast', value = 2, value2 = 1, value_units = 'days' },
}

local RAW = { 'path', 'isVideo', 'isVirtualCopy', 'fileFormat', 'rating', 'pickStatus', 'colorNameForLabel' }
local YIELD_EVERY = 1000

-- What an editor hands back beside its original. A scan in these formats is culled by the menu command.
local EDITS = { TIFF = true, PSD = true, PSB = true }

--- The photos that were taken or touched within two days.
function ImportDetector.recent(catalog)
  return catalog:findPhotos { searchDesc = SEARCH }
end

--- The photos of `photos` whose local identifier is above `watermark`, in the order of their identifiers.
function ImportDetector.above(photos, watermark)
  local found = {}
  for index, photo in ipairs(photos) do
    local id = photo.localIdentifier
    if id > watermark then found[#found + 1] = { id = id, photo = photo } end
    if index % YIELD_EVERY == 0 then LrTasks.yield() end
  end
  table.sort(found, function(one, other) return one.id < other.id end)
  local sorted = {}
  for index, each in ipairs(found) do
    sorted[index] = each.photo
  end
  return sorted
end

local function isMarked(raw, label)
  if (raw.rating or 0) ~= 0 or (raw.pickStatus or 0) ~= 0 then return true end
  -- A label's text that stands for no colour is the photographer's all the same.
  return (raw.colorNameForLabel or 'none') ~= 'none' or (label or '') ~= ''
end

-- The word for why a photo is left alone, or nil where it is to be judged.
local function leftAlone(raw, label, state, isThere)
  if raw.isVideo then return 'videos' end
  if raw.isVirtualCopy then return 'copies' end
  if EDITS[raw.fileFormat] then return 'edits' end
  if type(state) == 'string' and state:sub(1, 5) == 'done:' then return 'done' end
  if isMarked(raw, label) then return 'marked' end
  if isThere(raw.path) == false then return 'missing' end
  return nil
end

--- The photos of `photos` (at most a few hundred) that nobody has marked and no auto-cull has done, and a table
-- that counts the others under `videos`, `copies`, `edits`, `done`, `marked` and `missing`.
function ImportDetector.undecided(catalog, photos)
  local raw = catalog:batchGetRawMetadata(photos, RAW)
  local formatted = catalog:batchGetFormattedMetadata(photos, { 'label' })
  local ours = catalog:batchGetPropertyForPlugin(photos, _PLUGIN.id, { 'cullState' })
  local undecided, others, isThere = {}, {}, FilePresence.asker()
  for _, photo in ipairs(photos) do
    local facts = raw[photo]
    -- A photo that vanished since the search has no facts.
    if facts then
      local why = leftAlone(facts, (formatted[photo] or {}).label, (ours[photo] or {}).cullState, isThere)
      if why then
        others[why] = (others[why] or 0) + 1
      else
        undecided[#undecided + 1] = photo
      end
    end
  end
  return undecided, others
end

return ImportDetector
