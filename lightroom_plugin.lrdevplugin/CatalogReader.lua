--[[ Reads metadata of photos from the catalog, in batches and outside of gates. Every function needs a task.

One unknown key, or one photo that was just removed, makes Lightroom refuse a whole batch: then the photos of that
batch are read one by one, and values that cannot be read are omitted.
]]

local LrApplication = import 'LrApplication'
local LrDate = import 'LrDate'
local LrTasks = import 'LrTasks'

local CullPlan = require 'CullPlan'
local Json = require 'Json'
local Labels = require 'Labels'
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
local LONGEST_TEXT = 500
local YIELD_EVERY = 50
local LONGEST_READ = 2 -- seconds for the files and previews of one portion
local MOST_SIBLINGS = 200 -- photos of a series that are judged to explain one of them
local UNREAD = {} -- the key under which metadata notes that some of it could not be read

--- Returns the selected photos; nil and an error where none is selected: Lightroom then returns every photo it shows.
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
  local results = {}
  for index, photo in ipairs(photos) do
    local values = {}
    for _, key in ipairs(keys) do
      local ok, value = LrTasks.pcall(read, photo, key)
      if ok then values[key] = value else values[UNREAD] = true end
    end
    results[photo] = values
    if index % YIELD_EVERY == 0 then LrTasks.yield() end
  end
  return results
end

local function batch(photos, keys, all, one)
  local ok, results = LrTasks.pcall(all)
  if ok and type(results) == 'table' then return results end
  Log.warn('a batch of ' .. #photos .. ' photos is read one by one: ' .. tostring(results))
  return oneByOne(photos, keys, one)
end

local function raw(catalog, photos, keys)
  return batch(photos, keys, function() return catalog:batchGetRawMetadata(photos, keys) end, function(photo, key)
    return photo:getRawMetadata(key)
  end)
end

--- Returns raw metadata of at most 500 photos, a table by photo of the values by key; a removed photo may be absent.
function CatalogReader.readRaw(photos, keys)
  return raw(LrApplication.activeCatalog(), photos, keys)
end

local function formatted(catalog, photos, keys)
  return batch(photos, keys, function() return catalog:batchGetFormattedMetadata(photos, keys) end, function(photo, key)
    return photo:getFormattedMetadata(key)
  end)
end

local function ownFields(catalog, photos, keys)
  -- The id as a text: with the plug-in's object some versions of Lightroom never return.
  local function all() return catalog:batchGetPropertyForPlugin(photos, _PLUGIN.id, keys) end
  return batch(photos, keys, all, function(photo, key) return photo:getPropertyForPlugin(_PLUGIN, key) end)
end

local function marksOf(facts, words, fields, set)
  return {
    rating = facts.rating or 0,
    label = Labels.of(facts.colorNameForLabel, words.label, set),
    labelText = words.label,
    flag = facts.pickStatus or 0,
    written = CullPlan.parseWritten(fields.written),
  }
end

local function text(value)
  local isText = type(value) == 'string' and value ~= '' and #value <= LONGEST_TEXT and Json.isUtf8(value)
  return isText and value or nil
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

local function smartPreviewOf(facts, fileExists)
  local preview = type(facts.smartPreviewInfo) == 'table' and facts.smartPreviewInfo.smartPreviewPath
  return fileExists(preview) and preview or nil
end

-- Returns other images of a photo whose file is or may be missing: `path` of a smart preview, else a rendered
-- `preview`; nil where there is no image at all.
local function fallbackOf(photo, facts, thumbnails, fileExists)
  local exists = fileExists(facts.path)
  if exists then return {} end
  local path = smartPreviewOf(facts, fileExists)
  if path or exists == nil then return { path = path } end
  local preview = Thumbnails.render(thumbnails, photo)
  return preview and { preview = preview }
end

local function skipReason(facts, copies)
  if not facts or not facts.uuid or not facts.path then return 'vanished' end
  if facts.isVideo then return 'videos' end
  if facts.isVirtualCopy and not copies then return 'copies' end
  if not Json.isUtf8(facts.path) then
    Log.warn('a path is not UTF-8: ' .. facts.path)
    return 'paths'
  end
  return nil
end

local function itemOf(photo, facts, words, fields, set, fallback)
  return {
    photo = photo,
    id = facts.uuid,
    path = facts.path,
    fallback = fallback.path,
    preview = fallback.preview,
    capture = captureOf(facts, words),
    marks = marksOf(facts, words, fields, set),
  }
end

--- Returns counts of 0 for photos that are not judged: `videos`, `copies` (virtual copies), `missing` (no file and no
-- other image), `paths` (a path that is not UTF-8) and `vanished` (no longer in the catalog).
function CatalogReader.newSkipped()
  return { videos = 0, copies = 0, missing = 0, paths = 0, vanished = 0 }
end

--- Reads at most 500 photos: returns items { photo, id, path, fallback, preview, capture, marks } in their order, and
-- how many photos it read: it ends early where the previews of missing files or their drives take longer than a moment
-- or have many bytes, or at a cancel. Skipped photos are added to `skipped`. `copies`: whether to read virtual copies.
-- `thumbnails` is of Thumbnails.new, `fileExists` of FilePresence.checker.
function CatalogReader.read(photos, copies, thumbnails, skipped, fileExists)
  local catalog, items = LrApplication.activeCatalog(), {}
  local raws, words = raw(catalog, photos, RAW), formatted(catalog, photos, FORMATTED)
  local fields, set, start = ownFields(catalog, photos, { 'written' }), Labels.readSet(), LrDate.currentTime()
  local bytes = 0
  for index, photo in ipairs(photos) do
    local facts = raws[photo]
    local why = skipReason(facts, copies)
    local fallback = not why and fallbackOf(photo, facts, thumbnails, fileExists)
    if fallback then
      items[#items + 1] = itemOf(photo, facts, words[photo] or {}, fields[photo] or {}, set, fallback)
      bytes = bytes + #(fallback.preview or '')
    else
      why = why or 'missing'
      skipped[why] = skipped[why] + 1
    end
    local isLong = LrDate.currentTime() - start > LONGEST_READ or bytes > Thumbnails.PORTION
    if isLong or Thumbnails.isStopped(thumbnails) then return items, index end
    -- A file check may take long on a network drive.
    if index % YIELD_EVERY == 0 then LrTasks.yield() end
  end
  return items, #photos
end

-- Returns the other photos that the last auto-cull put into the series `id`, and perhaps some of a series whose id
-- contains it. The search consists of constants and of an id that Autocull wrote: Lightroom hangs on a search that it
-- does not support, perhaps also on an exact comparison ("==") of such a field.
local function inSeries(catalog, id)
  local matches = catalog:findPhotos {
    searchDesc = { criteria = 'sdktext:' .. _PLUGIN.id .. '.seriesId', operation = 'any', value = id, value2 = '' },
  }
  return #matches <= MOST_SIBLINGS and matches or {}
end

--- Returns a photo and the others of its series by the last auto-cull, an array that begins with the photo, and its
-- uuid.
function CatalogReader.siblings(photo)
  local catalog = LrApplication.activeCatalog()
  local field = ownFields(catalog, { photo }, { 'seriesId' })[photo] or {}
  local own = raw(catalog, { photo }, { 'uuid' })[photo]
  local photos = { photo }
  if type(field.seriesId) ~= 'string' or field.seriesId == '' or not own then return photos, own and own.uuid end
  local others = inSeries(catalog, field.seriesId)
  local uuids, fields = raw(catalog, others, { 'uuid' }), ownFields(catalog, others, { 'seriesId' })
  for _, other in ipairs(others) do
    local isSibling = (fields[other] or {}).seriesId == field.seriesId
    if isSibling and uuids[other] and uuids[other].uuid ~= own.uuid then photos[#photos + 1] = other end
  end
  return photos, own.uuid
end

--- Returns the marks of at most 500 photos, to derive decisions from: an array of { path, marks } in their order.
-- Videos, virtual copies (a copy has its master's file and may have other marks) and unreadable photos are left out.
function CatalogReader.readDecisionMarks(photos)
  local catalog, marked = LrApplication.activeCatalog(), {}
  local raws, marks = raw(catalog, photos, { 'path', 'isVideo', 'isVirtualCopy' }), CatalogReader.readMarks(photos)
  for _, photo in ipairs(photos) do
    local facts = raws[photo]
    if facts and facts.path and not facts.isVideo and not facts.isVirtualCopy and marks[photo] then
      marked[#marked + 1] = { path = facts.path, marks = marks[photo] }
    end
  end
  return marked
end

--- Returns the present marks of at most a few hundred photos, with `labelText`, `written` and `fields` (those of the
-- plug-in that are named, by default only `written`): a table by photo, and the label set in use. A removed photo is
-- absent from the table; one whose marks could not be read is false, since unknown is not unset.
function CatalogReader.readMarks(photos, names)
  local catalog, marks, set = LrApplication.activeCatalog(), {}, Labels.readSet()
  if #photos == 0 then return marks, set end
  local raws, words = raw(catalog, photos, MARKS), formatted(catalog, photos, { 'label' })
  local fields = ownFields(catalog, photos, names or { 'written' })
  for _, photo in ipairs(photos) do
    local facts, texts = raws[photo], words[photo]
    if facts and facts.uuid then
      local isRead = texts and not facts[UNREAD] and not texts[UNREAD]
      local own = fields[photo] or {}
      marks[photo] = isRead and marksOf(facts, texts, own, set) or false
      if isRead then marks[photo].fields = own end
    end
  end
  return marks, set
end

--- Returns the plug-in's own fields `names` of at most a few hundred photos: a table by photo, without removed ones.
function CatalogReader.readFields(photos, names)
  if #photos == 0 then return {} end
  return ownFields(LrApplication.activeCatalog(), photos, names)
end

--- Returns whether a photo still has the marks of `marks` (of CatalogReader.readMarks), or nil where Lightroom does not
-- let them be read. May be called within a gate.
function CatalogReader.hasMarks(photo, marks)
  local rating, flag, label
  local ok = LrTasks.pcall(function()
    rating, flag = photo:getRawMetadata 'rating', photo:getRawMetadata 'pickStatus'
    label = photo:getFormattedMetadata 'label'
  end)
  if not ok then return nil end
  return (rating or 0) == marks.rating and (flag or 0) == marks.flag and (label or '') == (marks.labelText or '')
end

return CatalogReader
