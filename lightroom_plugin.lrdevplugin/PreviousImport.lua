--[[ *Auto-cull previous import*. Lightroom hands out the previous import only to whoever shows it: the view changes to
Previous Import, which the photographer is told, and the photos that it shows are culled like a selection. ]]

local LrApplication = import 'LrApplication'
local LrDate = import 'LrDate'
local LrDialogs = import 'LrDialogs'
local LrSelection = import 'LrSelection'
local LrTasks = import 'LrTasks'

local CullCommands = require 'CullCommands'
local Settings = require 'Settings'

local PreviousImport = {}

local WAIT = 5
local POLL = 0.1

local function shows(catalog)
  for _, source in ipairs(catalog:getActiveSources()) do
    if source == catalog.kPreviousImport then return true end
  end
  return false
end

-- The host changes its sources some time after it was asked to.
local function waitFor(condition)
  local deadline = LrDate.currentTime() + WAIT
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

--- Shows Previous Import and returns its photos, all that the Library filter lets through; nil and an error where the
-- view or the selection did not change. Task needed.
function PreviousImport.photos(catalog)
  catalog:setActiveSources(catalog.kPreviousImport)
  if not waitFor(function() return shows(catalog) end) then
    return failed(
      'no_previous_import', LOC '$$$/Autocull/Previous/NoView=Lightroom did not show Previous Import.'
    )
  end
  -- Without a selection the target photos are all that are shown; with one they are other photos than the import's.
  LrSelection.selectNone()
  if not waitFor(function() return catalog:getTargetPhoto() == nil end) then
    return failed(
      'selection_stays', LOC '$$$/Autocull/Previous/Selected=Lightroom did not let go of the selected photos.'
    )
  end
  return catalog:getTargetPhotos()
end

local function ask(count)
  local answer = LrDialogs.confirm(
    LOC('$$$/Autocull/Previous/Ask=Auto-cull the previous import (photos: ^1)?', tostring(count)),
    LOC '$$$/Autocull/Previous/AskInfo=The Library now shows Previous Import. Photos that a filter hides are left out.',
    LOC '$$$/Autocull/Previous/Go=Auto-cull'
  )
  return answer == 'ok'
end

--- The menu item. Task needed.
function PreviousImport.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local photos, err = PreviousImport.photos(LrApplication.activeCatalog())
  if not photos then return LrDialogs.message(err.message, err.hint, 'warning') end
  if #photos == 0 then
    return LrDialogs.message(
      LOC '$$$/Autocull/Previous/Empty=Previous Import shows no photos',
      LOC '$$$/Autocull/Previous/EmptyInfo=Nothing was imported of late, or a filter hides it.',
      'info'
    )
  end
  -- Above the number in the settings the run itself asks: one question is enough.
  if #photos > Settings.all().confirmAbove or ask(#photos) then return CullCommands.run(context, photos) end
  return nil
end

return PreviousImport
