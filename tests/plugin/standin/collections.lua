--[[ Collections, collection sets and keywords. Objects of a gate can be filled in it, and read only after it. ]]

local host = ...

host.collections = {} -- records of collections and sets: name, parent, photos (nil for a set), id
host.keywords = {} -- records: name, parent, synonyms

local methods = host.catalogMethods

local function readableRecord(self, class, what)
  local record = host.record(self, class)
  if record.pending == 'gone' then error('the gate that made this ' .. class .. ' was rolled back', 3) end
  if record.pending then host.violation(what .. ': what a gate makes can be read only after it') end
  if record.deleted then error('this ' .. class .. ' was deleted', 3) end
  return record
end

local function objects(records)
  local result = {}
  for index, record in ipairs(records) do result[index] = record.object end
  return result
end

local function children(parent, wantsSets, wantsCollections)
  local result = {}
  for _, record in ipairs(host.collections) do
    local wanted = record.photos and wantsCollections or (not record.photos and wantsSets)
    if record.parent == parent and wanted then result[#result + 1] = record end
  end
  return objects(result)
end

local function fillable(self, what)
  local record = host.record(self, 'LrCollection')
  if record.search then error(what .. ' does not work on a smart collection', 3) end
  return record
end

--- The photos of a collection, in the order of the catalog.
function host.members(self)
  local record, result = host.record(self, 'LrCollection'), {}
  local isFound = record.search and host.search { searchDesc = record.search }
  for _, photo in ipairs(host.photos) do
    local isMember = record.photos[photo] or (isFound and isFound(photo))
    if isMember and not photo.vanished then result[#result + 1] = photo.object end
  end
  return result
end

local function forget(list, record)
  record.deleted = true
  for index, each in ipairs(list) do
    if each == record then return table.remove(list, index) end
  end
end

local function isInside(record, parent)
  while record do
    if record == parent then return true end
    record = record.parent
  end
  return false
end

-- Members of both kinds.
local function common(class)
  return {
    getName = function(self)
      host.pause(0)
      return readableRecord(self, class, 'getName').name
    end,
    getParent = function(self)
      host.pause(0)
      local parent = readableRecord(self, class, 'getParent').parent
      return parent and parent.object
    end,
    setName = function(self, name)
      local record = host.record(self, class)
      host.expect('the name', name, 'string')
      host.write(class .. ':setName', false, function() record.name = name end)
    end,
    delete = function(self)
      local record = host.record(self, class)
      host.write(class .. ':delete', false, function()
        local inside = {}
        for _, each in ipairs(host.collections) do
          if isInside(each, record) then inside[#inside + 1] = each end
        end
        for _, each in ipairs(inside) do forget(host.collections, each) end
      end)
    end,
    type = function() return class end,
  }
end

local PROPERTIES = {
  localIdentifier = function(record, object)
    readableRecord(object, record.photos and 'LrCollection' or 'LrCollectionSet', 'localIdentifier')
    return record.id
  end,
  catalog = function() return host.catalog end,
}

local collection = common 'LrCollection'

function collection.addPhotos(self, photos)
  local record = fillable(self, 'addPhotos')
  host.expect('the photos', photos, 'table')
  local added = {}
  for index, photo in ipairs(photos) do
    added[index] = host.record(photo, 'LrPhoto')
    if added[index].vanished then error('the photo is no longer in the catalog', 2) end
  end
  host.write('LrCollection:addPhotos', false, function()
    for _, photo in ipairs(added) do record.photos[photo] = true end
  end)
end

function collection.removePhotos(self, photos)
  local record = fillable(self, 'removePhotos')
  host.write('LrCollection:removePhotos', false, function()
    for _, photo in ipairs(photos) do record.photos[host.record(photo, 'LrPhoto')] = nil end
  end)
end

function collection.removeAllPhotos(self)
  local record = fillable(self, 'removeAllPhotos')
  host.write('LrCollection:removeAllPhotos', false, function() record.photos = {} end)
end

function collection.getPhotos(self)
  host.refuseInGate 'LrCollection:getPhotos'
  readableRecord(self, 'LrCollection', 'getPhotos')
  host.pause(0)
  return host.members(self)
end

function collection.isSmartCollection(self)
  return readableRecord(self, 'LrCollection', 'isSmartCollection').search ~= nil
end

function collection.getSearchDescription(self)
  local record = readableRecord(self, 'LrCollection', 'getSearchDescription')
  if not record.search then error('this is no smart collection', 2) end
  return host.copy(record.search)
end

local collectionSet = common 'LrCollectionSet'

local function lister(wantsSets, wantsCollections)
  return function(self)
    host.pause(0)
    return children(readableRecord(self, 'LrCollectionSet', 'the children'), wantsSets, wantsCollections)
  end
end

collectionSet.getChildren = lister(true, true)
collectionSet.getChildCollectionSets = lister(true, false)
collectionSet.getChildCollections = lister(false, true)

local newCollection = host.class('LrCollection', collection, PROPERTIES)
local newSet = host.class('LrCollectionSet', collectionSet, PROPERTIES)

local function named(list, class, name, parent)
  for _, record in ipairs(list) do
    if record.name == name and record.parent == parent and host.is(record.object, class) then return record end
  end
  return nil
end

local function register(list, record, what, id)
  local gate = host.gate()
  host.write(what, false, function() list[#list + 1] = record end)
  record.id, record.pending = id, true
  gate.made[#gate.made + 1] = record
end

local function create(what, class, name, parent, canReturnPrior, fields)
  host.expect('the name', name, 'string')
  local parentRecord = parent and host.record(parent, 'LrCollectionSet')
  local gate = host.gate()
  if not gate then host.violation(what .. ' must be called inside a withWriteAccessDo gate') end
  local prior = named(host.collections, class, name, parentRecord) or named(gate.made, class, name, parentRecord)
  if prior then return canReturnPrior and prior.object or nil end
  local record = fields or {}
  record.name, record.parent = name, parentRecord
  local object = (class == 'LrCollection' and newCollection or newSet)(record)
  register(host.collections, record, what, host.nextId(false))
  return object
end

function methods.createCollection(self, name, parent, canReturnPrior)
  host.record(self, 'LrCatalog')
  return create('createCollection', 'LrCollection', name, parent, canReturnPrior, { photos = {} })
end

function methods.createCollectionSet(self, name, parent, canReturnPrior)
  host.record(self, 'LrCatalog')
  return create('createCollectionSet', 'LrCollectionSet', name, parent, canReturnPrior)
end

function methods.createSmartCollection(self, name, search, parent, canReturnPrior)
  host.record(self, 'LrCatalog')
  host.search { searchDesc = search }
  local fields = { photos = {}, search = host.copy(search) }
  return create('createSmartCollection', 'LrCollection', name, parent, canReturnPrior, fields)
end

function methods.getChildCollections(self)
  host.record(self, 'LrCatalog')
  host.pause(0)
  return children(nil, false, true)
end

function methods.getChildCollectionSets(self)
  host.record(self, 'LrCatalog')
  host.pause(0)
  return children(nil, true, false)
end

local keyword = {}

function keyword.getName(self)
  host.pause(0)
  return readableRecord(self, 'LrKeyword', 'getName').name
end

function keyword.getParent(self)
  host.pause(0)
  local parent = readableRecord(self, 'LrKeyword', 'getParent').parent
  return parent and parent.object
end

function keyword.getSynonyms(self)
  host.pause(0)
  return host.copy(readableRecord(self, 'LrKeyword', 'getSynonyms').synonyms)
end

local function keywordsBelow(parent)
  local result = {}
  for _, record in ipairs(host.keywords) do
    if record.parent == parent then result[#result + 1] = record end
  end
  return objects(result)
end

function keyword.getChildren(self)
  host.pause(0)
  return keywordsBelow(readableRecord(self, 'LrKeyword', 'getChildren'))
end

function keyword.getPhotos(self)
  host.refuseInGate 'LrKeyword:getPhotos'
  local record, result = readableRecord(self, 'LrKeyword', 'getPhotos'), {}
  host.pause(0)
  for _, photo in ipairs(host.photos) do
    for _, each in ipairs(photo.keywords) do
      if each == record then result[#result + 1] = photo.object end
    end
  end
  return result
end

function keyword.type() return 'LrKeyword' end

local newKeyword = host.class('LrKeyword', keyword, {
  localIdentifier = function(record, object)
    readableRecord(object, 'LrKeyword', 'localIdentifier')
    return record.id
  end,
  catalog = function() return host.catalog end,
})

function methods.createKeyword(self, name, synonyms, includeOnExport, parent, returnExisting)
  host.record(self, 'LrCatalog')
  host.expect('the name', name, 'string')
  host.expect('the synonyms', synonyms, 'table or nil')
  host.expect('includeOnExport', includeOnExport, 'boolean or nil')
  local parentRecord = parent and host.record(parent, 'LrKeyword')
  local gate = host.gate()
  if not gate then host.violation 'createKeyword must be called inside a withWriteAccessDo gate' end
  if named(gate.made, 'LrKeyword', name, parentRecord) then
    host.violation('createKeyword is not idempotent inside one gate: "' .. name .. '" was made already')
  end
  local prior = named(host.keywords, 'LrKeyword', name, parentRecord)
  if prior then return returnExisting and prior.object or false end
  local record = { name = name, parent = parentRecord, synonyms = synonyms or {} }
  local object = newKeyword(record)
  register(host.keywords, record, 'createKeyword', host.nextId(false))
  return object
end

function methods.getKeywords(self)
  host.record(self, 'LrCatalog')
  host.pause(0)
  return keywordsBelow(nil)
end
