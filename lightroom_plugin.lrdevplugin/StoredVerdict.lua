--[[ What the last auto-cull stored of a photo, in words. Reads the catalog alone: no job, no daemon. ]]

local LrPathUtils = import 'LrPathUtils'

local CatalogReader = require 'CatalogReader'
local ReasonTexts = require 'ReasonTexts'

local StoredVerdict = {}

local FIELDS = { 'verdict', 'score', 'reasons', 'seriesId', 'seriesKind', 'seriesRank', 'written' }

-- Kinds of series whose first frame is the best one; the frames of the others are kept together.
local HAS_BEST = { burst = true, duplicate = true }

local function isText(value)
  return type(value) == 'string' and value ~= ''
end

local function seriesText(fields)
  if not isText(fields.seriesRank) then return nil end
  local rank, size = fields.seriesRank:match '^(%d+)/(%d+)$'
  if not rank then return nil end
  return LOC('$$$/Autocull/Stored/Series=^1: ^2 of ^3', ReasonTexts.kind(fields.seriesKind), rank, size)
end

local function isBest(fields)
  return type(fields.seriesRank) == 'string' and fields.seriesRank:match '^1/' ~= nil
end

--- Returns the stored fields of photos: a table by photo, where a photo that was removed is absent.
function StoredVerdict.fields(photos)
  return CatalogReader.readFields(photos, FIELDS)
end

--- Returns the better frame of a photo's burst or copies; nil where it is the best itself or has no series.
function StoredVerdict.betterFrame(photo, fields)
  if not isText(fields.seriesId) or not HAS_BEST[fields.seriesKind] or isBest(fields) then return nil end
  local photos = CatalogReader.siblings(photo)
  local stored = StoredVerdict.fields(photos)
  for _, other in ipairs(photos) do
    if isBest(stored[other] or {}) then return other end
  end
  return nil
end

--- Returns the file name of a photo.
function StoredVerdict.fileName(photo)
  return LrPathUtils.leafName(photo:getRawMetadata 'path' or '')
end

--- Returns the verdict in words: a heading, and the reasons, a line each.
function StoredVerdict.texts(fields)
  if not isText(fields.verdict) then
    return LOC '$$$/Autocull/Stored/None=Not judged yet',
      LOC '$$$/Autocull/Stored/NoneInfo=Choose Auto-cull to have it judged.'
  end
  local heading = ReasonTexts.verdict(fields.verdict)
  if isText(fields.score) then heading = LOC('$$$/Autocull/Stored/Score=^1, score ^2', heading, fields.score) end
  local lines = { seriesText(fields) }
  if isText(fields.reasons) then
    lines[#lines + 1] = '• ' .. fields.reasons:gsub('; ', '\n• ')
  else
    lines[#lines + 1] = LOC '$$$/Autocull/Explain/NoReasons=There is no reason to reject it.'
  end
  return heading, table.concat(lines, '\n')
end

return StoredVerdict
