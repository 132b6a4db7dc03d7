--[[ *Show photos to review*: makes the collection set "Autocull" with its smart collections once, and shows
*To review*.

A smart collection follows the fields, so it needs no later run to stay right. Searches use "begins with", the operation
that shipped plug-ins use for such fields; no code of a verdict begins with another one.
]]

local LrApplication = import 'LrApplication'
local LrDialogs = import 'LrDialogs'

local CatalogWriter = require 'CatalogWriter'
local ReasonTexts = require 'ReasonTexts'
local RunReport = require 'RunReport'

local SmartCollections = {}

local SET = 'Autocull'

local function begins(field, value)
  return { criteria = 'sdktext:' .. _PLUGIN.id .. '.' .. field, operation = 'beginsWith', value = value }
end

local function all(...)
  return { combine = 'intersect', ... }
end

local function reviewName()
  return LOC '$$$/Autocull/Collection/Review=To review'
end

--- Returns names and searches of the smart collections, an array of { name, search }.
function SmartCollections.definitions()
  local list = {
    { name = reviewName(), search = all(begins('verdict', 'cannot_tell')) },
    { name = LOC '$$$/Autocull/Collection/Picks=Picks', search = all(begins('verdict', 'keep')) },
    {
      name = LOC '$$$/Autocull/Collection/Best=Best of series',
      search = all(begins('seriesRank', '1/'), {
        combine = 'union',
        begins('seriesKind', 'burst'),
        begins('seriesKind', 'duplicate'),
      }),
    },
  }
  for _, code in ipairs(ReasonTexts.rejectCodes()) do
    list[#list + 1] = {
      name = LOC('$$$/Autocull/Collection/Reject=Reject: ^1', ReasonTexts.reasonName(code)),
      search = all(begins('verdict', 'reject'), begins('mainReason', code)),
    }
  end
  return list
end

local function named(list, name)
  for _, each in ipairs(list) do
    if each:getName() == name then return each end
  end
  return nil
end

local function reviewCollection(catalog)
  local set = named(catalog:getChildCollectionSets(), SET)
  return set and named(set:getChildCollections(), reviewName())
end

local function create(catalog)
  return CatalogWriter.gate(LOC '$$$/Autocull/Collection/Make=Make the collections of Autocull', function()
    local set = catalog:createCollectionSet(SET, nil, true)
    for _, each in ipairs(SmartCollections.definitions()) do
      catalog:createSmartCollection(each.name, each.search, set, true)
    end
  end)
end

--- Returns the smart collection *To review*; makes the set where it is missing. Nil and an error where that fails. Task
-- needed.
function SmartCollections.review(catalog)
  local collection = reviewCollection(catalog)
  if collection then return collection end
  local ok, err = create(catalog)
  if not ok then return nil, err end
  collection = reviewCollection(catalog)
  if collection then return collection end
  return nil, {
    kind = 'catalog',
    code = 'no_collection',
    message = LOC '$$$/Autocull/Collection/NoSet=Lightroom did not make the collections of Autocull.',
  }
end

--- The menu item. Task needed.
function SmartCollections.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local catalog = LrApplication.activeCatalog()
  local collection, err = SmartCollections.review(catalog)
  if not collection then return RunReport.showFailure(err) end
  return catalog:setActiveSources { collection }
end

return SmartCollections
