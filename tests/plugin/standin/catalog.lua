--[[ LrCatalog: photos, the selection, properties of the catalog, and the cost of a query.

A background is a number of old photos (identifiers 1 to n) that exist only by their number: a question that would
return or read them is refused, since a plug-in that asks it would freeze Lightroom in a large catalog.
]]

local host = ...

local SOURCES = {
  kAllPhotos = 'all_photos', kPreviousImport = 'previous_import', kQuickCollectionIdentifier = 'quick_collection',
  kTemporaryImages = 'temporary_images', kLastCatalogExport = 'last_catalog_export',
  kTargetCollection = 'target_collection',
}
local SWITCH = 0.3 -- seconds until the view has changed

host.photos = {} -- records, in the order of their import
host.byUuid = {}
host.background = 0
host.properties = {} -- of plug-ins in the catalog
host.selection = {} -- records
host.active = nil -- the record of the active photo
host.sources = { SOURCES.kAllPhotos }
host.previousImport = {} -- records
host.queries = {} -- what, count and detail of each query
host.lastId = 0
host.lastPhotoId = 0
host.labelSet = { red = 'Red', yellow = 'Yellow', green = 'Green', blue = 'Blue', purple = 'Purple' }

local methods, properties = host.catalogMethods, host.catalogProperties

--- Records a query to the catalog.
function host.query(what, count, detail)
  host.queries[#host.queries + 1] = { what = what, count = count, detail = detail }
end

--- The next local identifier: one counter for all, or one for photos only where the test sets it.
function host.nextId(isPhoto)
  if isPhoto and host.knobs.separateCounters then
    host.lastPhotoId = host.lastPhotoId + 1
    return host.lastPhotoId
  end
  host.lastId = host.lastId + 1
  return host.lastId
end

local function background(what, id)
  if id then
    return host.newPhoto {
      id = id, uuid = 'background ' .. id, background = true, path = '/background/' .. id, raw = {}, formatted = {},
      fields = {}, keywords = {}, faults = {},
    }
  end
  return host.violation(what .. ' would return the ' .. host.background .. ' photos of the whole catalog')
end

local function objects(records)
  local result = {}
  for _, photo in ipairs(records) do
    if not photo.vanished then result[#result + 1] = photo.object end
  end
  return result
end

-- Photos below the top of a collapsed stack are neither shown nor selected.
local function shown(records)
  local result = {}
  for _, photo in ipairs(records) do
    local stack = photo.stack
    if not (stack and stack.collapsed and stack.members[1] ~= photo) then result[#result + 1] = photo end
  end
  return objects(result)
end

local function filmstrip(what)
  if host.sources[1] == SOURCES.kPreviousImport then return shown(host.previousImport) end
  if type(host.sources[1]) == 'table' then
    local source = host.sources[1]
    return host.is(source, 'LrCollection') and host.members(source) or {}
  end
  if host.background > 0 then background(what) end
  return shown(host.photos)
end

local function logQuery(what)
  host.refuseInGate(what)
  host.query(what, 1)
  host.pause(0)
end

function methods.getTargetPhoto(self)
  host.record(self, 'LrCatalog')
  host.refuseInGate 'getTargetPhoto'
  return host.active and not host.active.vanished and host.active.object or nil
end

function methods.getTargetPhotos(self)
  host.record(self, 'LrCatalog')
  logQuery 'getTargetPhotos'
  local selected = shown(host.selection)
  return #selected > 0 and selected or filmstrip 'getTargetPhotos without a selection'
end

function methods.getMultipleSelectedOrAllPhotos(self)
  host.record(self, 'LrCatalog')
  logQuery 'getMultipleSelectedOrAllPhotos'
  local selected = shown(host.selection)
  return #selected > 1 and selected or filmstrip 'getMultipleSelectedOrAllPhotos'
end

function methods.getAllPhotos(self)
  host.record(self, 'LrCatalog')
  -- Observed in Lightroom: no error, and no photos either.
  if host.knobs.emptyInPcall and host.barred > 0 then return {} end
  logQuery 'getAllPhotos'
  local result = {}
  if host.background > 0 then
    if not host.knobs.scan then background 'getAllPhotos' end
    for id = 1, host.background do result[id] = background('getAllPhotos', id) end
  end
  for _, object in ipairs(objects(host.photos)) do result[#result + 1] = object end
  return result
end

function methods.findPhotos(self, arguments)
  host.record(self, 'LrCatalog')
  host.expect('the arguments of findPhotos', arguments, 'table')
  logQuery 'findPhotos'
  host.queries[#host.queries].detail = host.copy(arguments)
  local matching, order = host.search(arguments)
  local isOfField = tostring(arguments.searchDesc.criteria):find '^sdktext:'
  while host.knobs.searchHangs and isOfField do host.pause(60) end
  if host.background > 0 and matching(host.oldPhoto) then background 'this findPhotos' end
  local result = {}
  for _, photo in ipairs(host.photos) do
    if not photo.vanished and matching(photo) then result[#result + 1] = photo end
  end
  table.sort(result, order)
  return objects(result)
end

function methods.findPhotoByUuid(self, uuid)
  host.record(self, 'LrCatalog')
  logQuery 'findPhotoByUuid'
  local photo = host.byUuid[host.expect('the uuid', uuid, 'string')]
  return photo and not photo.vanished and photo.object or nil
end

function methods.findPhotoByPath(self, path)
  host.record(self, 'LrCatalog')
  host.expect('the path', path, 'string')
  logQuery 'findPhotoByPath'
  for _, photo in ipairs(host.photos) do
    if photo.path == path and not photo.vanished and not photo.master then return photo.object end
  end
  return nil
end

local newFolder = host.class('LrFolder', {
  getPath = function(self) return host.record(self, 'LrFolder').path end,
  getPhotos = function(self, includeChildren)
    host.expect('includeChildren', includeChildren, 'boolean or nil')
    local folder, result = host.record(self, 'LrFolder').path, {}
    logQuery 'LrFolder:getPhotos'
    for _, photo in ipairs(host.photos) do
      local parent = photo.path:match '^(.*)[/\\]'
      local isInside = parent == folder or (includeChildren and photo.path:sub(1, #folder + 1) == folder .. '/')
      if isInside and not photo.vanished then result[#result + 1] = photo.object end
    end
    return result
  end,
  type = function() return 'LrFolder' end,
}, {})

function methods.getFolderByPath(self, path)
  host.record(self, 'LrCatalog')
  host.expect('the path', path, 'string')
  logQuery 'getFolderByPath'
  for _, photo in ipairs(host.photos) do
    if photo.path:match '^(.*)[/\\]' == path then return newFolder { path = path } end
  end
  return nil
end

function methods.findPhotosWithProperty(self, plugin, id)
  host.record(self, 'LrCatalog')
  logQuery 'findPhotosWithProperty'
  if not host.isOwnPlugin(plugin) or not host.fields[id] then error('unknown property ' .. tostring(id), 2) end
  local result = {}
  for _, photo in ipairs(host.photos) do
    if photo.fields[id] ~= nil and not photo.vanished then result[#result + 1] = photo.object end
  end
  return result
end

function methods.batchGetRawMetadata(self, photos, keys)
  host.record(self, 'LrCatalog')
  return host.batchRaw('batchGetRawMetadata', photos, keys)
end

function methods.batchGetFormattedMetadata(self, photos, keys)
  host.record(self, 'LrCatalog')
  return host.batchFormatted('batchGetFormattedMetadata', photos, keys)
end

function methods.batchGetPropertyForPlugin(self, photos, plugin, fields)
  host.record(self, 'LrCatalog')
  if type(photos) ~= 'table' or host.is(photos, 'LrPlugin') or type(plugin) ~= 'string' or type(fields) ~= 'table' then
    host.violation 'batchGetPropertyForPlugin(photos, id string, fields): any other order never returns'
  end
  if not host.isOwnPlugin(plugin) then error('unknown plug-in: ' .. plugin, 2) end
  return host.batch('batchGetPropertyForPlugin', photos, fields, host.fields, function(photo, id)
    return photo.fields[id]
  end)
end

function methods.getPropertyForPlugin(self, plugin, id)
  host.record(self, 'LrCatalog')
  host.expect('the field', id, 'string')
  if not host.isOwnPlugin(plugin) then error('unknown plug-in', 2) end
  logQuery 'catalog:getPropertyForPlugin'
  return host.properties[id]
end

function methods.setPropertyForPlugin(self, plugin, id, value)
  host.record(self, 'LrCatalog')
  if plugin ~= host.plugin.object then error('setPropertyForPlugin: _PLUGIN is needed as first argument', 2) end
  host.expect('the field', id, 'string')
  host.expect('the value of a catalog property', value, 'nil or number or string or boolean')
  host.write('LrCatalog:setPropertyForPlugin', true, function() host.properties[id] = value end)
end

function methods.getActiveSources(self)
  host.record(self, 'LrCatalog')
  host.pause(0)
  return { unpack(host.sources) }
end

function methods.setActiveSources(self, sources)
  host.record(self, 'LrCatalog')
  local wanted = (type(sources) == 'table' and not host.is(sources, 'LrCollection')) and sources or { sources }
  host.later(SWITCH, function()
    if host.knobs.stuckView then return end
    host.sources = wanted
  end)
end

function methods.setSelectedPhotos(self, active, others)
  host.record(self, 'LrCatalog')
  host.expect('the other photos', others, 'table or nil')
  local selected = { host.record(active, 'LrPhoto') }
  for _, photo in ipairs(others or {}) do
    if photo ~= active then selected[#selected + 1] = host.record(photo, 'LrPhoto') end
  end
  host.later(SWITCH, function()
    host.selection, host.active = selected, selected[1]
    host.selectionChanged()
  end)
end

function methods.getLabelMapToColorName(self)
  host.record(self, 'LrCatalog')
  host.pause(0)
  local colours = {}
  for colour, text in pairs(host.labelSet) do colours[text] = colour end
  return colours
end

function methods.getPath(self)
  host.record(self, 'LrCatalog')
  return host.python 'catalogPath'
end

function methods.type() return 'LrCatalog' end

for name, value in pairs(SOURCES) do
  properties[name] = function() return value end
end

host.catalog = host.class('LrCatalog', methods, properties) { name = 'the catalog' }
host.oldPhoto = host.record(background('', 0), 'LrPhoto')
host.oldPhoto.captured, host.oldPhoto.touched = 400 * 1000 * 1000, 400 * 1000 * 1000
host.oldPhoto.label, host.oldPhoto.pickStatus = '', 0
host.oldPhoto.raw.fileFormat = 'RAW'

--- Does something some seconds later, as the user interface does.
function host.later(seconds, func)
  host.post(function()
    host.pause(seconds)
    func()
  end, 'user interface', false)
end

local function select(records)
  return function()
    host.later(0.1, function()
      host.selection, host.active = records(), records()[1]
      host.selectionChanged()
    end)
  end
end

local function activeValue(key)
  return function()
    return host.active and host.active.object:getRawMetadata(key) or nil
  end
end

host.modules.LrSelection = host.namespace('LrSelection', {
  selectNone = select(function() return host.knobs.stuckSelection and host.selection or {} end),
  selectAll = select(function()
    local result = {}
    for index, object in ipairs(filmstrip 'selectAll') do result[index] = host.record(object, 'LrPhoto') end
    return result
  end),
  getRating = function() return activeValue 'rating'() or 0 end,
  getFlag = activeValue 'pickStatus',
  getColorLabel = activeValue 'colorNameForLabel',
})

host.modules.LrApplication = host.namespace('LrApplication', {
  activeCatalog = function() return host.catalog end,
  versionString = function() return '14.3' end,
  versionTable = function() return { major = 14, minor = 3, revision = 0, build_version = '202504010000' } end,
  macAddressHash = function() return 'a1b2c3' end,
  purchaseSource = function() return 'CC' end,
})
