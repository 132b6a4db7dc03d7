--[[ LrPhoto: its metadata, its marks, and its plug-in fields.

A photo's record has id, uuid, path, rating, pickStatus, label (the text), captured and touched (seconds since 2001),
raw and formatted (further metadata by key), fields (our custom metadata), keywords (records), present, vanished,
master, copies, thumbnail, faults (messages for the next writes).
]]

local host = ...

local SPECIAL = {}
local FORMATTED = {}

local function record(self)
  return host.record(self, 'LrPhoto')
end

local function objects(records)
  local result = {}
  for index, each in ipairs(records or {}) do result[index] = each.object end
  return result
end

function SPECIAL.uuid(photo) return photo.uuid end
function SPECIAL.path(photo) return photo.path end
function SPECIAL.rating(photo) return photo.rating end
function SPECIAL.pickStatus(photo) return photo.pickStatus end
function SPECIAL.colorNameForLabel(photo) return host.colourRead(photo.label) end
function SPECIAL.dateTimeOriginal(photo) return photo.captured end
function SPECIAL.lastEditTime(photo) return photo.touched end
function SPECIAL.isVirtualCopy(photo) return photo.master ~= nil end
function SPECIAL.masterPhoto(photo) return photo.master and photo.master.object end
function SPECIAL.virtualCopies(photo) return objects(photo.copies) end
function SPECIAL.countVirtualCopies(photo) return #(photo.copies or {}) end
function SPECIAL.keywords(photo) return objects(photo.keywords) end
function SPECIAL.isVideo(photo) return photo.raw.isVideo == true end
function SPECIAL.fileFormat(photo) return photo.raw.isVideo and 'VIDEO' or photo.raw.fileFormat end
function SPECIAL.smartPreviewInfo(photo) return host.copy(photo.raw.smartPreviewInfo or {}) end
function SPECIAL.isInStackInFolder(photo) return photo.stack ~= nil end
function SPECIAL.stackInFolderIsCollapsed(photo) return photo.stack and photo.stack.collapsed end
function SPECIAL.stackInFolderMembers(photo) return objects(photo.stack and photo.stack.members) end
function SPECIAL.countStackInFolderMembers(photo) return photo.stack and #photo.stack.members or 0 end
function SPECIAL.topOfStackInFolderContainingPhoto(photo) return photo.stack and photo.stack.members[1].object end
function SPECIAL.stackPositionInFolder(photo)
  for position, member in ipairs(photo.stack and photo.stack.members or {}) do
    if member == photo then return position end
  end
  return nil
end
function SPECIAL.dateTimeOriginalISO8601(photo)
  local text = photo.raw.dateTimeOriginalISO8601
  return text or photo.captured and host.isoTime(photo.captured)
end
function SPECIAL.customMetadata(photo)
  local result = {}
  for id, value in pairs(photo.fields) do
    result[#result + 1] = { id = id, value = value, sourcePlugin = host.plugin.id }
  end
  return result
end

function FORMATTED.fileName(photo) return photo.path:match '[^/\\]*$' end
function FORMATTED.folderName(photo) return photo.path:match '([^/\\]*)[/\\][^/\\]*$' end
function FORMATTED.fileType(photo) return SPECIAL.fileFormat(photo) end
function FORMATTED.rating(photo) return photo.rating end
function FORMATTED.label(photo) return photo.label end
function FORMATTED.keywordTags(photo)
  local names = {}
  for index, keyword in ipairs(photo.keywords) do names[index] = keyword.name end
  return table.concat(names, ', ')
end

local function rawValue(photo, key)
  if SPECIAL[key] then return SPECIAL[key](photo) end
  return host.copy(photo.raw[key])
end

local function formattedValue(photo, key)
  if FORMATTED[key] then return FORMATTED[key](photo) end
  return host.copy(photo.formatted[key])
end

local function checkKey(validKeys, key)
  if not validKeys[key] then error('Unknown key: "' .. tostring(key) .. '"', 3) end
end

local function present(photo)
  if photo.vanished then error('the photo is no longer in the catalog', 3) end
  return photo
end

local function read(self, what, validKeys, value, key)
  local photo = record(self)
  if host.gate() and not host.knobs.readsInGate then error(what .. ' cannot be called inside a gate', 3) end
  host.query(what, 1)
  host.pause(0)
  if photo.background then host.violation(what .. ' reads a photo of the catalog that must not be scanned') end
  checkKey(validKeys, key)
  return value(present(photo), key)
end

--- The values of many photos by photo. A removed photo has none; one unknown key fails the batch.
function host.batch(what, photos, keys, validKeys, value)
  host.expect('the photos of ' .. what, photos, 'table')
  host.expect('the keys of ' .. what, keys, 'table')
  host.refuseInGate(what)
  host.query(what, #photos)
  host.pause(#photos * host.knobs.batchSeconds)
  for _, key in ipairs(keys) do checkKey(validKeys, key) end
  local result = {}
  for _, object in ipairs(photos) do
    local photo = record(object)
    if photo.background then host.violation(what .. ' reads photos of the catalog that must not be scanned') end
    if not photo.vanished then
      result[object] = {}
      for _, key in ipairs(keys) do result[object][key] = value(photo, key) end
    end
  end
  return result
end

function host.batchRaw(what, photos, keys) return host.batch(what, photos, keys, host.RAW_KEYS, rawValue) end
function host.batchFormatted(what, photos, keys)
  return host.batch(what, photos, keys, host.FORMATTED_KEYS, formattedValue)
end

-- "Automatically write changes into XMP": the host rewrites these files as soon as they are marked.
local REWRITTEN = { JPG = true, TIFF = true, DNG = true, PSD = true }

local function rewriteFile(photo)
  if host.knobs.writesXmp and REWRITTEN[photo.raw.fileFormat] then host.python('rewriteFile', photo.path) end
end

local function failIfScheduled(photo)
  local message = table.remove(photo.faults, 1)
  if message then error(message, 3) end
end

local methods = {}

function methods.getRawMetadata(self, key)
  return read(self, 'getRawMetadata', host.RAW_KEYS, rawValue, key)
end

function methods.getFormattedMetadata(self, key)
  return read(self, 'getFormattedMetadata', host.FORMATTED_KEYS, formattedValue, key)
end

function methods.setRawMetadata(self, key, value)
  local photo = record(self)
  local field, checked = host.checkedWrite(key, value)
  host.write('LrPhoto:setRawMetadata', false, function()
    photo[field] = checked
    if field == 'title' or field == 'caption' or field == 'copyName' then photo.formatted[field] = checked end
    photo.touched = host.date()
    rewriteFile(photo)
  end)
  failIfScheduled(present(photo))
end

function methods.addKeyword(self, keyword)
  local photo, added = present(record(self)), host.record(keyword, 'LrKeyword')
  host.write('LrPhoto:addKeyword', false, function()
    for _, each in ipairs(photo.keywords) do
      if each == added then return end
    end
    table.insert(photo.keywords, added)
    photo.touched = host.date()
  end)
end

function methods.removeKeyword(self, keyword)
  local photo, removed = present(record(self)), host.record(keyword, 'LrKeyword')
  host.write('LrPhoto:removeKeyword', false, function()
    for index, each in ipairs(photo.keywords) do
      if each == removed then return table.remove(photo.keywords, index) end
    end
  end)
end

function methods.setPropertyForPlugin(self, plugin, id, value)
  local photo = record(self)
  if plugin ~= host.plugin.object then error('setPropertyForPlugin: _PLUGIN is needed as first argument', 2) end
  host.checkField(id, value)
  host.write('LrPhoto:setPropertyForPlugin', true, function()
    photo.fields[id] = value
    photo.touched = host.date()
  end)
  failIfScheduled(present(photo))
end

function methods.getPropertyForPlugin(self, plugin, id, _, noThrow)
  local photo = record(self)
  host.query('getPropertyForPlugin', 1)
  host.pause(0)
  if not host.isOwnPlugin(plugin) or not host.fields[id] then
    local message = 'Attempt to access property "' .. tostring(id) .. "\" that's not declared in Info.lua"
    if noThrow then return nil, message end
    error(message, 2)
  end
  return present(photo).fields[id]
end

function methods.checkPhotoAvailability(self)
  host.pause(0)
  return host.python('exists', record(self).path) == 'file'
end

function methods.getContainedCollections(self)
  local photo, result = record(self), {}
  host.refuseInGate 'getContainedCollections'
  host.pause(0)
  for _, collection in ipairs(host.collections) do
    if collection.photos and collection.photos[photo] then result[#result + 1] = collection.object end
  end
  return result
end

function methods.buildSmartPreview(self)
  local photo = record(self)
  host.pause(1)
  if photo.raw.isVideo or not photo.present then return 'failed' end
  return photo.raw.smartPreviewInfo and 'existed' or 'created'
end

function methods.requestJpegThumbnail(self, width, height, callback)
  local photo = record(self)
  host.expect('width', width, 'number or nil')
  host.expect('height', height, 'number or nil')
  host.expect('the callback', callback, 'function')
  if not host.current then host.violation 'requestJpegThumbnail needs a task' end
  host.query('requestJpegThumbnail', 1)
  local request = setmetatable({}, { __metatable = host.MARK })
  -- Referenced weakly: the request ends when the plug-in drops it.
  local held = setmetatable({ request }, { __mode = 'v' })
  host.post(function()
    host.pause(photo.thumbnailDelay or 0.2)
    collectgarbage()
    if not held[1] then return end
    local thumbnail = photo.thumbnailsBySide and photo.thumbnailsBySide[width] or photo.thumbnail
    if thumbnail then return host.barredCall(callback, thumbnail) end
    host.barredCall(callback, nil, 'no preview')
  end, 'thumbnail', false)
  return request
end

function methods.type() return 'LrPhoto' end

host.newPhoto = host.class('LrPhoto', methods, {
  localIdentifier = function(photo) return photo.id end,
  catalog = function() return host.catalog end,
})
