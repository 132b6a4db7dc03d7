--[[ Finds new imports, and among them the photos that are still undecided.

The search is a constant: Lightroom hangs on an operation or a value that it does not support. It is fast at any size of
the catalog. Every function needs a task, and must not be called within a gate.
]]

local LrTasks = import 'LrTasks'

local Labels = require 'Labels'

local ImportDetector = {}

-- An import counts as touched; where Lightroom does not set that date, the capture time covers an import from a card.
local SEARCH = {
  combine = 'union',
  { criteria = 'touchTime', operation = 'inLast', value = 2, value2 = 1, value_units = 'days' },
  { criteria = 'captureTime', operation = 'inLast', value = 2, value2 = 1, value_units = 'days' },
}

local RAW = { 'path', 'isVideo', 'isVirtualCopy', 'fileFormat', 'rating', 'pickStatus', 'colorNameForLabel' }
local YIELD_EVERY = 1000

-- Formats of edited copies that an external editor returns. Scans in these formats are culled by the menu command.
local EDITS = { TIFF = true, PSD = true, PSB = true }

--- Returns the photos that were captured or touched within two days.
function ImportDetector.recent(catalog)
  return catalog:findPhotos { searchDesc = SEARCH }
end

--- Returns those of `photos` whose local identifier is above `watermark`, in the order of their identifiers.
function ImportDetector.above(photos, watermark)
  local matches = {}
  for index, photo in ipairs(photos) do
    local id = photo.localIdentifier
    if id > watermark then matches[#matches + 1] = { id = id, photo = photo } end
    if index % YIELD_EVERY == 0 then LrTasks.yield() end
  end
  table.sort(matches, function(one, other) return one.id < other.id end)
  local sorted = {}
  for index, each in ipairs(matches) do
    sorted[index] = each.photo
  end
  return sorted
end

local function isMarked(raw, label)
  if (raw.rating or 0) ~= 0 or (raw.pickStatus or 0) ~= 0 then return true end
  -- A label with a text of the photographer's own counts, and no label reads back as "gray".
  return Labels.isColour(raw.colorNameForLabel) or (label or '') ~= ''
end

-- Returns the reason why a photo is not judged, or nil where it is.
local function skipReason(raw, label, state, fileExists)
  if raw.isVideo then return 'videos' end
  if raw.isVirtualCopy then return 'copies' end
  if EDITS[raw.fileFormat] then return 'edits' end
  if type(state) == 'string' and state:sub(1, 5) == 'done:' then return 'done' end
  if isMarked(raw, label) then return 'marked' end
  if fileExists(raw.path) == false then return 'missing' end
  return nil
end

--- Returns those of `photos` (at most a few hundred) that have no marks and were not auto-culled, and a table that
-- counts the others under `videos`, `copies`, `edits`, `done`, `marked` and `missing`. `fileExists` is of
-- FilePresence.checker.
function ImportDetector.undecided(catalog, photos, fileExists)
  local raw = catalog:batchGetRawMetadata(photos, RAW)
  local formatted = catalog:batchGetFormattedMetadata(photos, { 'label' })
  local fields = catalog:batchGetPropertyForPlugin(photos, _PLUGIN.id, { 'cullState' })
  local undecided, others = {}, {}
  for _, photo in ipairs(photos) do
    local facts = raw[photo]
    -- A photo that was removed since the search has no metadata.
    if facts then
      local why = skipReason(facts, (formatted[photo] or {}).label, (fields[photo] or {}).cullState, fileExists)
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
