--[[ *This shoot is finished*: what an auto-cull marked and nobody changed becomes the photographer's own decision. A
later run leaves it, and *Learn from my picks* sees agreement too, not corrections alone. No mark changes.
]]

local LrApplication = import 'LrApplication'
local LrDialogs = import 'LrDialogs'
local LrTasks = import 'LrTasks'

local CatalogReader = require 'CatalogReader'
local CatalogWriter = require 'CatalogWriter'
local CullCommands = require 'CullCommands'
local CullPlan = require 'CullPlan'
local CullProgress = require 'CullProgress'
local RunReport = require 'RunReport'

local FinishShoot = {}

local BATCH = CatalogWriter.CHUNK

-- Returns the photos with marks that an auto-cull wrote, or nil where `progress` was cancelled.
local function marked(photos, progress)
  local list = {}
  for start = 1, #photos, BATCH do
    if progress:isCanceled() then return nil end
    local portion = { unpack(photos, start, math.min(start + BATCH - 1, #photos)) }
    local fields = CatalogReader.readFields(portion, { 'written' })
    for _, photo in ipairs(portion) do
      if CullPlan.parseWritten((fields[photo] or {}).written) then list[#list + 1] = photo end
    end
    progress:setPortionComplete(start, #photos)
    LrTasks.yield()
  end
  return list
end

-- Only a field changes, so the gate adds no step to the undo history.
local function own(photos, progress)
  local waiting = CullProgress.waiting(progress, function() return progress:isCanceled() end)
  for start = 1, #photos, BATCH do
    local last = math.min(start + BATCH - 1, #photos)
    local ok, err = CatalogWriter.privateGate(function()
      for index = start, last do
        -- A photo that was removed meanwhile must not prevent the others.
        LrTasks.pcall(function() photos[index]:setPropertyForPlugin(_PLUGIN, 'written', nil) end)
      end
    end, waiting)
    if not ok then return nil, err end
    LrTasks.yield()
  end
  return true
end

local function confirm(count)
  local answer = LrDialogs.confirm(
    LOC('$$$/Autocull/Finish/Ask=Take over the marks of Autocull on ^1 photos as your own?', count),
    LOC '$$$/Autocull/Finish/AskInfo=No mark changes. A later auto-cull leaves them; Learn from my picks counts them.',
    LOC '$$$/Autocull/Finish/Go=Take over'
  )
  return answer == 'ok'
end

--- The menu item: the selected photos, or all that are shown where fewer than two are selected. Task needed.
function FinishShoot.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local progress = CullCommands.start(context, LOC '$$$/Autocull/Menu/Finish=This shoot is finished')
  if not progress then return nil end
  local photos = marked(LrApplication.activeCatalog():getMultipleSelectedOrAllPhotos(), progress)
  if not photos then return progress:done() end
  local count = tostring(#photos)
  if #photos == 0 then
    progress:done()
    return LrDialogs.showBezel(LOC '$$$/Autocull/Finish/Nothing=No photo here has marks of Autocull', 2)
  end
  if not confirm(count) then return progress:done() end
  local ok, err = own(photos, progress)
  progress:done()
  if not ok and err.code == 'cancelled' then return nil end
  if not ok then return RunReport.showFailure(err) end
  return LrDialogs.showBezel(LOC('$$$/Autocull/Finish/Done=Marks taken over on ^1 photos', count), 2)
end

return FinishShoot
