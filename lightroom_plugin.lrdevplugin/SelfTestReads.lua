--[[ The checks of the self-test that only read. Each takes `env` (catalog, photos, photo, context, progress) and
returns what it found, as text for a developer; an error is a finding too, which the runner writes down. ]]

local LrApplication = import 'LrApplication'
local LrDate = import 'LrDate'
local LrFileUtils = import 'LrFileUtils'
local LrPathUtils = import 'LrPathUtils'
local LrStringUtils = import 'LrStringUtils'
local LrSystemInfo = import 'LrSystemInfo'
local LrTasks = import 'LrTasks'

local ApiClient = require 'ApiClient'
local DaemonControl = require 'DaemonControl'
local Settings = require 'Settings'

local SelfTestReads = {}

local RAW = {
  'path', 'uuid', 'rating', 'pickStatus', 'colorNameForLabel', 'fileFormat', 'isVideo', 'isVirtualCopy', 'masterPhoto',
  'dateTimeOriginal', 'dateTimeOriginalISO8601', 'lastEditTime', 'smartPreviewInfo', 'isoSpeedRating', 'aperture',
  'shutterSpeed', 'exposureBias', 'focalLength', 'isInStackInFolder', 'stackInFolderIsCollapsed',
  'countStackInFolderMembers', 'stackPositionInFolder',
}
local STACKS = { 'isInStackInFolder', 'stackInFolderIsCollapsed', 'countStackInFolderMembers', 'stackPositionInFolder' }
local FORMATTED = { 'fileName', 'folderName', 'copyName', 'fileType', 'label', 'cameraModel', 'lens' }
local THUMBNAIL = 512
local THUMBNAIL_WAIT = 20

local function since(start)
  return string.format('%.3f s', LrDate.currentTime() - start)
end

local function errorText(err)
  if type(err) ~= 'table' then return tostring(err) end
  return table.concat({ tostring(err.kind), tostring(err.code), tostring(err.message) }, ' / ')
end

-- "3 JPG, 1 RAW" of a table of counts, in the order of the words.
local function counts(numbers)
  local words = {}
  for word in pairs(numbers) do words[#words + 1] = word end
  table.sort(words)
  for index, word in ipairs(words) do words[index] = numbers[word] .. ' ' .. word end
  return #words > 0 and table.concat(words, ', ') or 'none'
end

local function count(numbers, word)
  numbers[word] = (numbers[word] or 0) + 1
end

--- Versions of the host and its system.
function SelfTestReads.host()
  local system = WIN_ENV and 'Windows' or 'macOS'
  return table.concat({ 'Lightroom ' .. LrApplication.versionString(), system, LrSystemInfo.osVersion() }, ', ')
end

--- The settings in use, and those that are stored and refused.
function SelfTestReads.settings()
  local values, lines = Settings.all(), {}
  for index, name in ipairs(Settings.names()) do lines[index] = name .. '=' .. tostring(values[name]) end
  for name, why in pairs(Settings.problems()) do lines[#lines + 1] = 'REFUSED ' .. name .. ' ' .. why end
  return table.concat(lines, ', ')
end

--- Whether the daemon starts and answers, and how fast a request is.
function SelfTestReads.daemon(env)
  local start = LrDate.currentTime()
  local ready, err = DaemonControl.ensure(env.context, env.progress)
  if not ready then
    return 'NOT READY: ' .. errorText(err) .. ' (a proxy that Lightroom uses for 127.0.0.1 looks like this too)'
  end
  local started = since(start)
  start = LrDate.currentTime()
  local status, why = ApiClient.status()
  if not status then return 'ready after ' .. started .. ', but no status: ' .. errorText(why) end
  return 'version ' .. tostring(status.version) .. ', ready after ' .. started .. ', one request ' .. since(start)
end

local function refusedKeys(keys, read)
  local refused = {}
  for _, key in ipairs(keys) do
    local ok, err = LrTasks.pcall(read, key)
    if not ok then refused[#refused + 1] = key .. ' (' .. tostring(err) .. ')' end
  end
  local known = #keys - #refused .. ' of ' .. #keys .. ' known'
  return #refused > 0 and known .. '; REFUSED: ' .. table.concat(refused, ', ') or known
end

--- Which raw keys this host knows, asked one by one.
function SelfTestReads.rawKeys(env)
  return refusedKeys(RAW, function(key) return env.photo:getRawMetadata(key) end)
end

--- Which formatted keys this host knows, asked one by one.
function SelfTestReads.formattedKeys(env)
  return refusedKeys(FORMATTED, function(key) return env.photo:getFormattedMetadata(key) end)
end

--- What the host says to a key that it does not know.
function SelfTestReads.unknownKey(env)
  local ok, err = LrTasks.pcall(function() return env.photo:getRawMetadata('fileName') end)
  return ok and 'ACCEPTED' or 'refused: ' .. tostring(err)
end

--- The file format that the host names for each extension (HEIC is the open one).
function SelfTestReads.formats(env)
  local found = {}
  local raw = env.catalog:batchGetRawMetadata(env.photos, { 'path', 'fileFormat' })
  for _, photo in ipairs(env.photos) do
    local extension = LrStringUtils.upper(LrPathUtils.extension(raw[photo].path) or '')
    count(found, extension .. '=' .. tostring(raw[photo].fileFormat))
  end
  return counts(found)
end

--- How many paths of the selection are non-ASCII or on a network share, and whether the host finds those files.
function SelfTestReads.paths(env)
  local found = {}
  local raw = env.catalog:batchGetRawMetadata(env.photos, { 'path' })
  for _, photo in ipairs(env.photos) do
    local path = raw[photo].path
    local there = LrFileUtils.exists(path) == 'file' and 'found' or 'MISSING'
    local kind = LrStringUtils.isOnlyAscii(path) and 'ASCII ' or 'non-ASCII '
    if path:sub(1, 2) == '\\\\' then kind = kind .. 'UNC ' end
    count(found, kind .. there)
  end
  return counts(found)
end

--- What a selection holds of stacks: whether a collapsed stack gives one photo or all of them.
function SelfTestReads.stacks(env)
  local raw, found = env.catalog:batchGetRawMetadata(env.photos, STACKS), {}
  for _, photo in ipairs(env.photos) do
    local facts = raw[photo]
    if facts.isInStackInFolder then
      local fold = facts.stackInFolderIsCollapsed and 'collapsed' or 'open'
      local place = facts.stackPositionInFolder == 1 and 'top' or 'below'
      count(found, place .. ' of ' .. fold .. ' stack of ' .. tostring(facts.countStackInFolderMembers))
    end
  end
  return counts(found)
end

-- Constants, for the same reason as in ImportDetector: a search that the host does not know would never return.
local TOUCHED = { criteria = 'touchTime', operation = 'inLast', value = 2, value2 = 1, value_units = 'days' }
local CAPTURED = { criteria = 'captureTime', operation = 'inLast', value = 2, value2 = 1, value_units = 'days' }

local function within(env, search)
  local start = LrDate.currentTime()
  local found = env.catalog:findPhotos { searchDesc = search }
  local took, ids, hits = since(start), {}, 0
  for _, photo in ipairs(found) do ids[photo.localIdentifier] = true end
  for _, photo in ipairs(env.photos) do
    if ids[photo.localIdentifier] then hits = hits + 1 end
  end
  local share = hits .. ' of the ' .. #env.photos .. ' selected'
  return search.criteria .. ' finds ' .. #found .. ' photos in ' .. took .. ', ' .. share
end

--- Whether an import sets the edit date: select photos that were imported today and taken long ago.
function SelfTestReads.searches(env)
  return within(env, TOUCHED) .. '; ' .. within(env, CAPTURED)
end

--- The words for the colours in the label set in use.
function SelfTestReads.labelWords(env)
  local words = {}
  for colour, word in pairs(env.catalog:getLabelMapToColorName()) do
    words[#words + 1] = tostring(colour) .. '=' .. tostring(word)
  end
  table.sort(words)
  return table.concat(words, ', ')
end

--- How long the host takes for a thumbnail, the picture for photos whose file is missing.
function SelfTestReads.thumbnail(env)
  local start = LrDate.currentTime()
  local size, fault
  -- The request ends when nobody holds it any more.
  local request = env.photo:requestJpegThumbnail(THUMBNAIL, THUMBNAIL, function(data, err)
    size, fault = data and #data, err
  end)
  while not size and not fault and LrDate.currentTime() - start < THUMBNAIL_WAIT do LrTasks.sleep(0.1) end
  local held = request ~= nil and 'held' or 'nothing to hold'
  if size then return size .. ' bytes after ' .. since(start) .. ' (' .. held .. ')' end
  return 'NONE after ' .. since(start) .. ': ' .. tostring(fault)
end

--- Whether the plug-in's global table outlives a reload: run the test, reload the plug-in, run it again.
function SelfTestReads.globals()
  local seen = rawget(_G, 'AUTOCULL_SELF_TEST')
  rawset(_G, 'AUTOCULL_SELF_TEST', (seen or 0) + 1)
  return 'self-test number ' .. tostring((seen or 0) + 1) .. ' of this global table'
end

--- What a look at the whole catalog costs.
function SelfTestReads.everyPhoto(env)
  local start = LrDate.currentTime()
  local photos = env.catalog:getAllPhotos()
  return #photos .. ' photos in ' .. since(start)
end

return SelfTestReads
