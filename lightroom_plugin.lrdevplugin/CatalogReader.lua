--[[ What the catalog says of photos, read in batches and outside of gates. Every function needs a task.

One unknown key, or one photo that was just removed, makes Lightroom refuse a whole batch: then the photos of that
batch are read one by one, and what cannot be read is left out.
]]

local LrApplication = import 'LrApplication'
local LrTasks = import 'LrTasks'

local CullPlan = require 'CullPlan'
local Json = require 'Json'
local Log = require 'Log'
local Thumbnails = require 'Thumbnails'

local CatalogReader = {}

CatalogReader.BATCH = 500

local MARKS = { 'uuid', 'rating', 'pickStatus', 'colorNameForLabel' }
local RAW = {
  'uuid', 'rating', 'pickStatus', 'colorNameForLabel', 'path', 'isVideo', 'isVirtualCopy', 'smartPreviewInfo',
  'dateTimeOriginalISO8601', 'isoSpeedRating', 'aperture', 'shutterSpeed', 'exposureBias', 'focalLength',
}
local FORMATTED = { 'label', 'cameraModel', 'lens' }
local COLOURS = { red = true, yellow = true, green = true, blue = true, purple = true }
local LONGEST_TEXT = 500
local YIELD_EVERY = 50
local MOST_SIBLINGS = 200 -- of a photo that is explained beside them
local UNREAD = {} -- names what of a photo could not be read

--- The selected photos; nil and an error where none is selected, since Lightroom then hands out every photo it shows.
function CatalogReader.selection()
  local catalog = LrApplication.activeCatalog()
  if catalog:getTargetPhoto() then return catalog:getTargetPhotos() end
  return nil, {
    kind = 'catalog',
    code = 'nothing_selected',
    message = LOC '$$$/Autocull/Read/Nothing=No photo is selected, so nothing was done.',
    hint = LOC '$$$/Autocull/Read/NothingHint=Select the photos to be culled, and choose the item again.',
  }
end

local function oneByOne(photos, keys, read)
  local found = {}
  for index, photo in ipairs(photos) do
    local facts = {}
    for _, key in ipairs(keys) do
      local ok, value = LrTasks.pcall(read, photo, key)
      if ok then facts[key] = value else facts[UNREAD] = true end
    end
    found[photo] = facts
    if index % YIELD_EVERY == 0 then LrTasks.yield() end
  end
  return found
end

local function batch(photos, keys, all, one)
  local ok, found = LrTasks.pcall(all)
  if ok and type(found) == 'table' then return found end
  Log.warn('a batch of ' .. #photos .. ' photos is read one by one: ' .. tostring(found))
  return oneByOne(photos, keys, one)
end

local function raw(catalog, photos, keys)
  return batch(photos, keys, function() return catalog:batchGetRawMetadata(photos, keys) end, function(photo, key)
    return photo:getRawMetadata(key)
  end)
end

local function formatted(catalog, photos, keys)
  return batch(photos, keys, function() return catalog:batchGetFormattedMetadata(photos, keys) end, function(photo, key)
    return photo:getFormattedMetadata(key)
  end)
end

local function ours(catalog, photos, keys)
  -- The id as a text: with the plug-in's object here, some hosts never return.
  local function all() return catalog:batchGetPropertyForPlugin(photos, _PLUGIN.id, keys) end
  return batch(photos, keys, all, function(photo, key) return photo:getPropertyForPlugin(_PLUGIN, key) end)
end

-- A label whose text stands for no colour is the photographer's, and kept by its text.
local function labelOf(facts, words)
  local colour = facts.colorNameForLabel
  if COLOURS[colour] then return colour end
  local text = words.label
  if type(text) == 'string' and text ~= '' then return text end
  return 'none'
end

local function writtenOf(text)
  local found = type(text) == 'string' and Json.decode(text)
  if type(found) ~= 'table' then return nil end
  local written = {}
  for _, mark in ipairs(CullPlan.MARKS) do
    if type(found[mark]) == type(CullPlan.UNSET[mark]) then written[mark] = found[mark] end
  end
  return written
end

local function marksOf(facts, words, fields)
  return {
    rating = facts.rating or 0,
    label = labelOf(facts, words),
    flag = facts.pickStatus or 0,
    written = writtenOf(fields.written),
  }
end

local function text(value)
  return type(value) == 'string' and value ~= '' and #value <= LONGEST_TEXT and value or nil
end

local function number(value)
  if type(value) ~= 'number' or value ~= value or math.abs(value) == math.huge then return nil end
  return value
end

local function captureOf(facts, words)
  return {
    time = text(facts.dateTimeOriginalISO8601),
    camera = text(words.cameraModel),
    lens = text(words.lens),
    focal_length = number(facts.focalLength),
    aperture = number(facts.aperture),
    shutter = number(facts.shutterSpeed),
    iso = number(facts.isoSpeedRating),
    exposure_bias = number(facts.exposureBias),
  }
end

local function smartPreviewOf(facts, isThere)
  local preview = type(facts.smartPreviewInfo) == 'table' and facts.smartPreviewInfo.smartPreviewPath
  return isThere(preview) and preview or nil
end

-- Another picture of a photo whose file is missing or may be, and whether there is nothing to judge.
local function fallbackOf(photo, facts, place, isThere)
  local there = isThere(facts.path)
  if there then return nil, false end
  local fallback = smartPreviewOf(facts, isThere) or (there == false and Thumbnails.take(place, photo)) or nil
  return fallback, there == false and not fallback
end

local function skipReason(facts, copies)
  if not facts or not facts.uuid or not facts.path then return 'vanished' end
  if facts.isVideo then return 'videos' end
  if facts.isVirtualCopy and not copies then return 'copies' end
  return nil
end

local function itemOf(photo, facts, words, fields, fallback)
  return {
    photo = photo,
    id = facts.uuid,
    path = facts.path,
    fallback = fallback,
    capture = captureOf(facts, words),
    marks = marksOf(facts, words, fields),
  }
end

--- A count of what is not judged: `videos`, `copies` (virtual copies), `missing` (no file and no other picture) and
-- `vanished` (no longer in the catalog).
function CatalogReader.noneSkipped()
  return { videos = 0, copies = 0, missing = 0, vanished = 0 }
end

--- Reads at most 500 photos: items { photo, id, path, fallback, capture, marks } in their order, and the skipped,
-- which are added to `skipped`. `copies`: whether virtual copies are taken. `place` is of Thumbnails.open, `isThere` of
-- FilePresence.asker.
function CatalogReader.piece(photos, copies, place, skipped, isThere)
  local catalog, items = LrApplication.activeCatalog(), {}
  local facts, words = raw(catalog, photos, RAW), formatted(catalog, photos, FORMATTED)
  local fields = ours(catalog, photos, { 'written' })
  for index, photo in ipairs(photos) do
    local known = facts[photo]
    local why, fallback = skipReason(known, copies), nil
    if not why then
      local isMissing
      fallback, isMissing = fallbackOf(photo, known, place, isThere)
      why = isMissing and 'missing' or nil
    end
    if why then
      skipped[why] = skipped[why] + 1
    else
      items[#items + 1] = itemOf(photo, known, words[photo] or {}, fields[photo] or {}, fallback)
    end
    -- Whether a file exists may take its time on a network drive.
    if index % YIELD_EVERY == 0 then LrTasks.yield() end
  end
  return items, skipped
end

-- The other photos that the last auto-cull put into the series `id`. The search is put together of constants and of
-- an id that we wrote ourselves: Lightroom hangs at one that it does not know.
local function inSeries(catalog, id)
  local found = catalog:findPhotos {
    searchDesc = { criteria = 'sdktext:' .. _PLUGIN.id .. '.seriesId', operation = '==', value = id },
  }
  return #found <= MOST_SIBLINGS and found or {}
end

--- A photo and those beside which the last auto-cull judged it: an array that begins with the photo, and its uuid.
function CatalogReader.siblings(photo)
  local catalog = LrApplication.activeCatalog()
  local field = ours(catalog, { photo }, { 'seriesId' })[photo] or {}
  local own = raw(catalog, { photo }, { 'uuid' })[photo]
  local photos = { photo }
  if type(field.seriesId) ~= 'string' or field.seriesId == '' or not own then return photos, own and own.uuid end
  local others = inSeries(catalog, field.seriesId)
  local uuids = raw(catalog, others, { 'uuid' })
  for _, other in ipairs(others) do
    if uuids[other] and uuids[other].uuid ~= own.uuid then photos[#photos + 1] = other end
  end
  return photos, own.uuid
end

--- What of at most 500 photos tells how she decided: an array of { path, marks }, in their order. Videos and virtual
-- copies are left out (a copy is its master's file, and may be marked otherwise), and what cannot be read.
function CatalogReader.marked(photos)
  local catalog, found = LrApplication.activeCatalog(), {}
  local facts, marks = raw(catalog, photos, { 'path', 'isVideo', 'isVirtualCopy' }), CatalogReader.marks(photos)
  for _, photo in ipairs(photos) do
    local known = facts[photo]
    if known and known.path and not known.isVideo and not known.isVirtualCopy and marks[photo] then
      found[#found + 1] = { path = known.path, marks = marks[photo] }
    end
  end
  return found
end

--- The marks of at most a few hundred photos as they are now, with `written`; a table by photo, in which a photo that
-- vanished is absent, and one whose marks could not be read is false: unknown is not unset.
function CatalogReader.marks(photos)
  local catalog, marks = LrApplication.activeCatalog(), {}
  if #photos == 0 then return marks end
  local facts, words = raw(catalog, photos, MARKS), formatted(catalog, photos, { 'label' })
  local fields = ours(catalog, photos, { 'written' })
  for _, photo in ipairs(photos) do
    local known, said = facts[photo], words[photo]
    if known and known.uuid then
      local isRead = said and not known[UNREAD] and not said[UNREAD]
      marks[photo] = isRead and marksOf(known, said, fields[photo] or {}) or false
    end
  end
  return marks
end

return CatalogReader
