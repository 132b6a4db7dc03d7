--[[ *Auto-cull previous import*. Lightroom returns the previous import only while it is shown: the view changes to
Previous Import, as a dialog says, and the photos that it shows are culled like a selection. ]]

local LrApplication = import 'LrApplication'
local LrDate = import 'LrDate'
local LrDialogs = import 'LrDialogs'
local LrSelection = import 'LrSelection'
local LrTasks = import 'LrTasks'

local CullCommands = require 'CullCommands'
local Settings = require 'Settings'

local PreviousImport = {}

local TIMEOUT = 5
local POLL = 0.1

local function shows(catalog)
  for _, source in ipairs(catalog:getActiveSources()) do
    if source == catalog.kPreviousImport then return true end
  end
  return false
end

-- Lightroom changes its sources asynchronously.
local function waitFor(condition)
  local deadline = LrDate.currentTime() + TIMEOUT
  while not condition() do
    if LrDate.currentTime() > deadline then return false end
    LrTasks.sleep(POLL)
  end
  return true
end

local function failed(code, message)
  local hint =
    LOC '$$$/Autocull/Previous/NoViewHint=Choose it yourself, select its photos, and use Auto-cull selection.'
  return nil, { kind = 'catalog', code = code, message = message, hint = hint }
end

--- Shows Previous Import and returns its photos, without those that the Library filter hides; nil and an error where
-- the view or the selection did not change. Task needed.
function PreviousImport.photos(catalog)
  catalog:setActiveSources(catalog.kPreviousImport)
  if not waitFor(function() return shows(catalog) end) then
    return failed(
      'no_previous_import', LOC '$$$/Autocull/Previous/NoView=Lightroom did not show Previous Import.'
    )
  end
  -- Without a selection the target photos are all that are shown; with one they may not be the import's.
  LrSelection.selectNone()
  if not waitFor(function() return catalog:getTargetPhoto() == nil end) then
    return failed(
      'selection_stays', LOC '$$$/Autocull/Previous/Selected=Lightroom did not clear the selection.'
    )
  end
  return catalog:getTargetPhotos()
end

local function confirm(count)
  local answer = LrDialogs.confirm(
    LOC('$$$/Autocull/Previous/Ask=Auto-cull the previous import (photos: ^1)?', tostring(count)),
    LOC '$$$/Autocull/Previous/AskInfo=The Library now shows Previous Import. Photos that a filter hides are left out.',
    LOC '$$$/Autocull/Previous/Go=Auto-cull'
  )
  return answer == 'ok'
end

-- Returns the sources and the selection that Lightroom has now.
local function currentView(catalog)
  local active = catalog:getTargetPhoto()
  return {
    sources = catalog:getActiveSources(),
    isImport = shows(catalog),
    active = active,
    photos = active and catalog:getTargetPhotos() or {},
  }
end

-- Puts sources and selection back, unless the photographer went on meanwhile: to another source, or to a selection.
local function putBack(catalog, view)
  if not shows(catalog) or catalog:getTargetPhoto() then return end
  if not view.isImport then
    catalog:setActiveSources(view.sources)
    if not waitFor(function() return not shows(catalog) end) then return end
  end
  if view.active then catalog:setSelectedPhotos(view.active, view.photos) end
end

local function cull(context, catalog)
  local photos, err = PreviousImport.photos(catalog)
  if not photos then return LrDialogs.message(err.message, err.hint, 'warning') end
  if #photos == 0 then
    return LrDialogs.message(
      LOC '$$$/Autocull/Previous/Empty=Previous Import shows no photos',
      LOC '$$$/Autocull/Previous/EmptyInfo=There is no recent import, or a filter hides it.',
      'info'
    )
  end
  -- Above the limit in the settings the run itself asks for confirmation.
  if #photos > Settings.all().confirmAbove or confirm(#photos) then return CullCommands.run(context, photos) end
  return nil
end

--- The menu item. Task needed.
function PreviousImport.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local catalog = LrApplication.activeCatalog()
  local view = currentView(catalog)
  cull(context, catalog)
  putBack(catalog, view)
end

return PreviousImport
