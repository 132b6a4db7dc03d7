--[[ The checks of the self-test that only read. Each takes `env` (catalog, photos, photo, context, progress) and
returns its outcome as text for a developer; the runner reports errors too. ]]

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
local STACKS = {
  'isInStackInFolder', 'stackInFolderIsCollapsed', 'countStackInFolderMembers', 'stackPositionInFolder',
  'stackInFolderMembers',
}
local FORMATTED = { 'fileName', 'folderName', 'copyName', 'fileType', 'label', 'cameraModel', 'lens' }
local THUMBNAIL = 512
local THUMBNAIL_WAIT = 20
local SEARCH_WAIT = 20 -- seconds

local function since(start)
  return string.format('%.3f s', LrDate.currentTime() - start)
end

local function errorText(err)
  if type(err) ~= 'table' then return tostring(err) end
  return table.concat({ tostring(err.kind), tostring(err.code), tostring(err.message) }, ' / ')
end

-- Formats a table of counts, sorted by word: "3 JPG, 1 RAW".
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

--- Versions of Lightroom and of the system.
function SelfTestReads.host()
  local system = WIN_ENV and 'Windows' or 'macOS'
  return table.concat({ 'Lightroom ' .. LrApplication.versionString(), system, LrSystemInfo.osVersion() }, ', ')
end

--- The settings in use, and stored ones that are invalid.
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
  local supported = #keys - #refused .. ' of ' .. #keys .. ' supported'
  return #refused > 0 and supported .. '; REFUSED: ' .. table.concat(refused, ', ') or supported
end

--- Which raw keys Lightroom supports, tried one by one.
function SelfTestReads.rawKeys(env)
  return refusedKeys(RAW, function(key) return env.photo:getRawMetadata(key) end)
end

--- Which formatted keys Lightroom supports, tried one by one.
function SelfTestReads.formattedKeys(env)
  return refusedKeys(FORMATTED, function(key) return env.photo:getFormattedMetadata(key) end)
end

--- The error for a key that Lightroom does not support.
function SelfTestReads.unknownKey(env)
  local ok, err = LrTasks.pcall(function() return env.photo:getRawMetadata('fileName') end)
  return ok and 'ACCEPTED' or 'refused: ' .. tostring(err)
end

--- The file format that Lightroom returns for each extension (HEIC is not documented).
function SelfTestReads.formats(env)
  local totals = {}
  local raw = env.catalog:batchGetRawMetadata(env.photos, { 'path', 'fileFormat' })
  for _, photo in ipairs(env.photos) do
    local extension = LrStringUtils.upper(LrPathUtils.extension(raw[photo].path) or '')
    count(totals, extension .. '=' .. tostring(raw[photo].fileFormat))
  end
  return counts(totals)
end

--- How many paths of the selection are non-ASCII or on a network share, and whether Lightroom finds those files.
function SelfTestReads.paths(env)
  local totals = {}
  local raw = env.catalog:batchGetRawMetadata(env.photos, { 'path' })
  for _, photo in ipairs(env.photos) do
    local path = raw[photo].path
    local state = LrFileUtils.exists(path) == 'file' and 'found' or 'MISSING'
    local kind = LrStringUtils.isOnlyAscii(path) and 'ASCII ' or 'non-ASCII '
    if path:sub(1, 2) == '\\\\' then kind = kind .. 'UNC ' end
    count(totals, kind .. state)
  end
  return counts(totals)
end

--- The stacks of the selection: whether a collapsed stack counts as one photo or as all of them, and whether Lightroom
-- returns its members.
function SelfTestReads.stacks(env)
  local raw, totals = env.catalog:batchGetRawMetadata(env.photos, STACKS), {}
  for _, photo in ipairs(env.photos) do
    local facts = raw[photo]
    if facts.isInStackInFolder then
      local fold = facts.stackInFolderIsCollapsed and 'collapsed' or 'open'
      local position = facts.stackPositionInFolder == 1 and 'top' or 'below'
      local members = type(facts.stackInFolderMembers) == 'table' and #facts.stackInFolderMembers or 'NO'
      local size = tostring(facts.countStackInFolderMembers)
      count(totals, position .. ' of ' .. fold .. ' stack of ' .. size .. ' with ' .. members .. ' members')
    end
  end
  return counts(totals)
end

-- Constants, as in ImportDetector: Lightroom hangs on a search that it does not support.
local TOUCHED = { criteria = 'touchTime', operation = 'inLast', value = 2, value2 = 1, value_units = 'days' }
local CAPTURED = { criteria = 'captureTime', operation = 'inLast', value = 2, value2 = 1, value_units = 'days' }

local function timeSearch(env, search)
  local start = LrDate.currentTime()
  local matches = env.catalog:findPhotos { searchDesc = search }
  local duration, ids, hits = since(start), {}, 0
  for _, photo in ipairs(matches) do ids[photo.localIdentifier] = true end
  for _, photo in ipairs(env.photos) do
    if ids[photo.localIdentifier] then hits = hits + 1 end
  end
  local share = hits .. ' of the ' .. #env.photos .. ' selected'
  return search.criteria .. ' finds ' .. #matches .. ' photos in ' .. duration .. ', ' .. share
end

--- Whether an import sets the edit date: select photos that were imported today and captured long ago.
function SelfTestReads.searches(env)
  return timeSearch(env, TOUCHED) .. '; ' .. timeSearch(env, CAPTURED)
end

--- The names of the colours in the label set in use.
function SelfTestReads.labelWords(env)
  local words = {}
  for colour, word in pairs(env.catalog:getLabelMapToColorName()) do
    words[#words + 1] = tostring(colour) .. '=' .. tostring(word)
  end
  table.sort(words)
  return table.concat(words, ', ')
end

--- The colour name that Lightroom returns for the labels of the selection: no label, its colours, and texts that are no
-- colour's, such as those of another label set.
function SelfTestReads.labelColours(env)
  local raw = env.catalog:batchGetRawMetadata(env.photos, { 'colorNameForLabel' })
  local texts, totals = env.catalog:batchGetFormattedMetadata(env.photos, { 'label' }), {}
  for _, photo in ipairs(env.photos) do
    local text = (texts[photo] or {}).label
    local label = (text or '') == '' and 'no label' or '"' .. text .. '"'
    count(totals, label .. ' -> ' .. tostring((raw[photo] or {}).colorNameForLabel))
  end
  return counts(totals)
end

-- Constants, and only operations that the plug-in uses; value2 as in CatalogReader.
local OWN_FIELD = 'sdktext:' .. _PLUGIN.id .. '.seriesId'
local FIELD_SEARCHES = {
  { criteria = OWN_FIELD, operation = 'any', value = '0123456789ab', value2 = '' },
  { criteria = OWN_FIELD, operation = 'beginsWith', value = '0123456789ab' },
}

-- A search that never returns takes only its own task with it.
local function searchInTask(env, search)
  local outcome
  local start = LrDate.currentTime()
  LrTasks.startAsyncTask(function()
    local ok, matches = LrTasks.pcall(function() return env.catalog:findPhotos { searchDesc = search } end)
    outcome = ok and 'returns ' .. #matches .. ' photos' or 'FAILED ' .. tostring(matches)
  end, 'Autocull self-test searches')
  while not outcome and LrDate.currentTime() - start < SEARCH_WAIT do LrTasks.sleep(0.1) end
  return search.operation .. ' ' .. (outcome or 'DOES NOT RETURN') .. ' after ' .. since(start)
end

--- Whether the searches for a field of the plug-in return.
function SelfTestReads.fieldSearches(env)
  local outcomes = {}
  for index, search in ipairs(FIELD_SEARCHES) do outcomes[index] = searchInTask(env, search) end
  return table.concat(outcomes, '; ')
end

--- How long Lightroom takes for a thumbnail, which is judged where a photo's file is missing.
function SelfTestReads.thumbnail(env)
  local start = LrDate.currentTime()
  local size, fault
  -- The request is cancelled once no variable references it.
  local request = env.photo:requestJpegThumbnail(THUMBNAIL, THUMBNAIL, function(data, err)
    size, fault = data and #data, err
  end)
  while not size and not fault and LrDate.currentTime() - start < THUMBNAIL_WAIT do LrTasks.sleep(0.1) end
  local held = request ~= nil and 'held' or 'nothing to hold'
  if size then return size .. ' bytes after ' .. since(start) .. ' (' .. held .. ')' end
  return 'NONE after ' .. since(start) .. ': ' .. tostring(fault)
end

--- Whether the plug-in's global table survives a reload: run the test, reload the plug-in, run it again.
function SelfTestReads.globals()
  local runs = (rawget(_G, 'AUTOCULL_SELF_TEST') or 0) + 1
  rawset(_G, 'AUTOCULL_SELF_TEST', runs)
  return 'self-test number ' .. tostring(runs) .. ' of this global table'
end

--- How long it takes to read all photos of the catalog.
function SelfTestReads.everyPhoto(env)
  local start = LrDate.currentTime()
  local photos = env.catalog:getAllPhotos()
  return #photos .. ' photos in ' .. since(start)
end

return SelfTestReads
