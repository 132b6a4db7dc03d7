--[[ Which photos a run can be about: the selected ones, all that Lightroom shows, or the folder of the active photo. ]]

local LrApplication = import 'LrApplication'
local LrPathUtils = import 'LrPathUtils'
local LrTasks = import 'LrTasks'

local Log = require 'Log'

local RunScope = {}

local function add(scopes, scope, title, photos)
  if #photos > 0 then scopes[#scopes + 1] = { value = scope, title = title, photos = photos } end
end

-- The photos of the folder that holds `photo`, without those in its subfolders.
local function folderPhotos(catalog, photo)
  local ok, photos = LrTasks.pcall(function()
    local folder = catalog:getFolderByPath(LrPathUtils.parent(photo:getRawMetadata 'path'))
    return folder and folder:getPhotos(false) or {}
  end)
  if ok then return photos end
  Log.warn('the folder of the active photo is not offered: ' .. tostring(photos))
  return {}
end

--- Returns the scopes that Lightroom offers now: an array of { value, title, photos }, a popup menu's items; nil and an
-- error where it shows no photo. Task needed.
function RunScope.offered()
  local catalog, scopes = LrApplication.activeCatalog(), {}
  local active = catalog:getTargetPhoto()
  -- Without a selection the target photos are all that are shown.
  local targets = catalog:getTargetPhotos()
  local count = tostring(#targets)
  if active then add(scopes, 'selected', LOC('$$$/Autocull/RunScope/Selected=Selected photos: ^1', count), targets) end
  if #targets <= 1 or not active then
    local shown = active and catalog:getMultipleSelectedOrAllPhotos() or targets
    add(scopes, 'shown', LOC('$$$/Autocull/RunScope/Shown=All photos shown: ^1', tostring(#shown)), shown)
  end
  if active then
    local photos = folderPhotos(catalog, active)
    add(scopes, 'folder', LOC('$$$/Autocull/RunScope/Folder=The whole folder: ^1', tostring(#photos)), photos)
  end
  if #scopes > 0 then return scopes end
  return nil, {
    kind = 'catalog',
    code = 'nothing_shown',
    message = LOC '$$$/Autocull/RunScope/Nothing=Lightroom shows no photo, so nothing was done.',
    hint = LOC '$$$/Autocull/RunScope/NothingHint=Choose a folder or a collection, and choose the item again.',
  }
end

-- Returns the scope to begin with. One active photo is rarely all that is meant: then it is all that are shown.
local function default(scopes)
  local isOne = scopes[1].value == 'selected' and #scopes[1].photos == 1 and scopes[2]
  return isOne and scopes[2].value or scopes[1].value
end

--- Returns `last` where it is offered, else the scope to begin with.
function RunScope.choose(scopes, last)
  local isOne = last == 'selected' and #scopes[1].photos == 1
  for _, scope in ipairs(scopes) do
    if scope.value == last and not isOne then return last end
  end
  return default(scopes)
end

--- Returns the photos of a scope.
function RunScope.photos(scopes, value)
  for _, scope in ipairs(scopes) do
    if scope.value == value then return scope.photos end
  end
  return {}
end

return RunScope
