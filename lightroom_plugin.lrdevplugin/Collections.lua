--[[ Creates the collections of one run, where the settings want them: a set with Picks, To review, and one for each
reason to reject.

The collections are created in one gate and filled in the next: on some systems a new one cannot be used at once.
]]

local LrApplication = import 'LrApplication'
local LrDate = import 'LrDate'
local LrTasks = import 'LrTasks'

local CatalogWriter = require 'CatalogWriter'
local CullResultWriter = require 'CullResultWriter'
local Log = require 'Log'
local ReasonTexts = require 'ReasonTexts'
local RunCounts = require 'RunCounts'

local Collections = {}

local PORTION = 1000

--- Returns the names and photos of the collections that are not empty: an array of { name, photos }.
function Collections.groups(tally)
  local groups = {}
  local function add(name, photos)
    if #photos > 0 then groups[#groups + 1] = { name = name, photos = photos } end
  end
  add(LOC '$$$/Autocull/Collection/Picks=Picks', RunCounts.photos(tally, 'keep'))
  add(LOC '$$$/Autocull/Collection/Review=To review', RunCounts.photos(tally, 'cannot_tell'))
  for _, row in ipairs(RunCounts.byFrequency(tally.reasons)) do
    local name = LOC('$$$/Autocull/Collection/Reject=Reject: ^1', ReasonTexts.reasonName(row.code))
    add(name, RunCounts.photos(tally, 'reject', row.code))
  end
  return groups
end

local function setName()
  local now = LrDate.timeToUserFormat(LrDate.currentTime(), '%Y-%m-%d %H:%M:%S')
  return LOC('$$$/Autocull/Collection/Set=Autocull ^1', now)
end

local function create(catalog, groups, created, waiting)
  return CatalogWriter.gate(CullResultWriter.ACTION, function()
    for index in pairs(created) do created[index] = nil end
    local set = catalog:createCollectionSet(setName(), nil, true)
    for index, group in ipairs(groups) do created[index] = catalog:createCollection(group.name, set, true) end
  end, waiting)
end

-- Returns how many of the photos Lightroom refused.
local function addEach(collection, photos)
  local refused = 0
  for _, photo in ipairs(photos) do
    local ok, why = LrTasks.pcall(function() collection:addPhotos { photo } end)
    if not ok then
      refused = refused + 1
      Log.warn('a photo is in no collection: ' .. tostring(why))
    end
  end
  return refused
end

-- One photo that was removed meanwhile must not prevent the others from being added.
local function add(collection, photos)
  local ok = LrTasks.pcall(function() collection:addPhotos(photos) end)
  return ok and 0 or addEach(collection, photos)
end

-- Returns how many photos Lightroom refused, or nil and an error.
local function fill(collection, photos, waiting)
  local sum = 0
  for first = 1, #photos, PORTION do
    local portion = { unpack(photos, first, math.min(first + PORTION - 1, #photos)) }
    local refused
    local function addAll() refused = add(collection, portion) end
    local ok, err = CatalogWriter.gate(CullResultWriter.ACTION, addAll, waiting)
    if not ok then return nil, err end
    sum = sum + refused
  end
  return sum
end

local function failed(code, message)
  return nil, { kind = 'catalog', code = code, message = message }
end

--- Creates the set of a run and fills it; `waiting` has `stop` and `onWait`, as in CatalogWriter.gate. Returns true, or
-- nil and an error. Task needed, and no gate.
function Collections.create(tally, waiting)
  local groups, created = Collections.groups(tally), {}
  if #groups == 0 then return true end
  local ok, err = create(LrApplication.activeCatalog(), groups, created, waiting)
  if not ok then return nil, err end
  local missing, refused = false, 0
  for index, group in ipairs(groups) do
    -- Any collection may be missing, so the length of `created` is not enough.
    missing = missing or not created[index]
    if created[index] then
      local count, why = fill(created[index], group.photos, waiting)
      if not count then return nil, why end
      refused = refused + count
    end
  end
  if missing then
    return failed(
      'no_collection', LOC '$$$/Autocull/Collection/NotMade=Lightroom did not create all collections of the run.'
    )
  end
  if refused == 0 then return true end
  return failed(
    'not_collected',
    LOC('$$$/Autocull/Collection/Refused=Not in the collections of the run: ^1 photos', tostring(refused))
  )
end

return Collections
