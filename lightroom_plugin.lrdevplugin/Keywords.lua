--[[ Adds the category of each photo as a keyword, where the settings want it: all under one parent, so that they differ
from the photographer's own keywords and can be removed in one step.
]]

local LrApplication = import 'LrApplication'
local LrTasks = import 'LrTasks'

local CatalogWriter = require 'CatalogWriter'
local CullResultWriter = require 'CullResultWriter'
local Log = require 'Log'
local ReasonTexts = require 'ReasonTexts'
local RunCounts = require 'RunCounts'

local Keywords = {}

local PARENT = 'Autocull'

local function codesOf(lists)
  local codes = {}
  for code in pairs(lists) do codes[#codes + 1] = code end
  table.sort(codes)
  return codes
end

local function notCreated()
  local message = LOC '$$$/Autocull/Keyword/NotMade=Lightroom did not create the keywords.'
  return nil, { kind = 'catalog', code = 'no_keyword', message = message }
end

-- Without its parent a keyword would be created at the top level, from where no plug-in can remove it.
local function createParent(catalog, waiting)
  local parent
  local ok, err = CatalogWriter.gate(CullResultWriter.ACTION, function()
    parent = catalog:createKeyword(PARENT, {}, false, nil, true)
  end, waiting)
  if not ok then return nil, err end
  if not parent then return notCreated() end
  return parent
end

local function create(catalog, parent, codes, waiting)
  local keywords = {}
  local ok, err = CatalogWriter.gate(CullResultWriter.ACTION, function()
    for _, code in ipairs(codes) do
      keywords[code] = catalog:createKeyword(ReasonTexts.category(code), {}, true, parent, true) or nil
    end
  end, waiting)
  if not ok then return nil, err end
  for _, code in ipairs(codes) do
    if not keywords[code] then return notCreated() end
  end
  return keywords
end

-- Returns how many of the photos Lightroom refused, or nil and an error.
local function addKeyword(portion, keyword, waiting)
  local refused
  local ok, err = CatalogWriter.gate(CullResultWriter.ACTION, function()
    refused = 0
    for _, photo in ipairs(portion) do
      local added, why = LrTasks.pcall(function() photo:addKeyword(keyword) end)
      if not added then
        refused = refused + 1
        Log.warn('a photo got no keyword: ' .. tostring(why))
      end
    end
  end, waiting)
  if not ok then return nil, err end
  return refused
end

local function fill(photos, keyword, waiting)
  local sum = 0
  for first = 1, #photos, CatalogWriter.CHUNK do
    local portion = { unpack(photos, first, math.min(first + CatalogWriter.CHUNK - 1, #photos)) }
    local refused, err = addKeyword(portion, keyword, waiting)
    if not refused then return nil, err end
    sum = sum + refused
    LrTasks.yield()
  end
  return sum
end

local function fillAll(photos, keywords, codes, waiting)
  local sum = 0
  for _, code in ipairs(codes) do
    local refused, err = fill(photos[code], keywords[code], waiting)
    if not refused then return nil, err end
    sum = sum + refused
  end
  return sum
end

--- Adds the keywords of a run's categories; `waiting` as in Collections.create. Returns true, or nil and an error. Task
-- needed, and no gate.
function Keywords.add(tally, waiting)
  local photos = RunCounts.categories(tally)
  local codes = codesOf(photos)
  if #codes == 0 then return true end
  local catalog = LrApplication.activeCatalog()
  local parent, err = createParent(catalog, waiting)
  if not parent then return nil, err end
  local keywords, why = create(catalog, parent, codes, waiting)
  if not keywords then return nil, why end
  local refused, fault = fillAll(photos, keywords, codes, waiting)
  if not refused then return nil, fault end
  if refused == 0 then return true end
  local message = LOC('$$$/Autocull/Keyword/Refused=Without a keyword: ^1 photos', tostring(refused))
  return nil, { kind = 'catalog', code = 'no_keyword', message = message }
end

return Keywords
