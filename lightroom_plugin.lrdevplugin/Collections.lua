--[[ The collections of one run, where they are wanted: a set with Picks, To review, and one for each reason to
reject.

Structure is made in one gate and filled in the next: what was just made cannot be used at once on every host.
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

--- What the collections hold: an array of { name, photos }, of those that are not empty.
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

local function make(catalog, groups, made)
  return CatalogWriter.gate(CullResultWriter.ACTION, function()
    for index in pairs(made) do made[index] = nil end
    local set = catalog:createCollectionSet(setName(), nil, true)
    for index, group in ipairs(groups) do made[index] = catalog:createCollection(group.name, set, true) end
  end)
end

-- How many of the photos the host refused.
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

-- One photo that was removed meanwhile must not keep its neighbours out.
local function add(collection, photos)
  local ok = LrTasks.pcall(function() collection:addPhotos(photos) end)
  return ok and 0 or addEach(collection, photos)
end

-- How many photos the host refused, or nil and an error.
local function fill(collection, photos)
  local sum = 0
  for first = 1, #photos, PORTION do
    local portion = { unpack(photos, first, math.min(first + PORTION - 1, #photos)) }
    local refused
    local ok, err = CatalogWriter.gate(CullResultWriter.ACTION, function() refused = add(collection, portion) end)
    if not ok then return nil, err end
    sum = sum + refused
  end
  return sum
end

local function failed(code, message)
  return nil, { kind = 'catalog', code = code, message = message }
end

--- Makes the set of a run and fills it: true, or nil and an error. Task needed, and no gate.
function Collections.make(tally)
  local groups, made = Collections.groups(tally), {}
  if #groups == 0 then return true end
  local ok, err = make(LrApplication.activeCatalog(), groups, made)
  if not ok then return nil, err end
  local missing, refused = false, 0
  for index, group in ipairs(groups) do
    -- A gap may stand anywhere: the length of `made` does not show it.
    missing = missing or not made[index]
    if made[index] then
      local count, why = fill(made[index], group.photos)
      if not count then return nil, why end
      refused = refused + count
    end
  end
  if missing then
    return failed(
      'no_collection', LOC '$$$/Autocull/Collection/NotMade=Lightroom did not make all collections of the run.'
    )
  end
  if refused == 0 then return true end
  return failed(
    'not_collected',
    LOC('$$$/Autocull/Collection/Refused=Not in the collections of the run: ^1 photos', tostring(refused))
  )
end

return Collections
