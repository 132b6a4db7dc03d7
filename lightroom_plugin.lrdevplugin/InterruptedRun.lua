--[[ A run that the end of Lightroom interrupted. Its photos are noted in the catalog while it judges them, and the next
run offers to go on with them: what was measured is kept. Every function needs a task, and must not be called in a gate.
]]

local LrApplication = import 'LrApplication'
local LrDialogs = import 'LrDialogs'

local CatalogWriter = require 'CatalogWriter'
local Log = require 'Log'

local InterruptedRun = {}

local FIELD = 'interruptedRun'

-- One try: a note is not worth waiting for.
local ONCE = { stop = function() return true end }

local function store(text)
  local catalog = LrApplication.activeCatalog()
  if catalog:getPropertyForPlugin(_PLUGIN, FIELD) == text then return end
  local ok, err = CatalogWriter.privateGate(function() catalog:setPropertyForPlugin(_PLUGIN, FIELD, text) end, ONCE)
  if not ok then Log.warn('the photos of the run were not noted: ' .. err.message) end
end

--- Notes the photos of a run, from its items.
function InterruptedRun.note(items)
  local ids = {}
  for index, item in ipairs(items) do ids[index] = item.id end
  store(table.concat(ids, ' '))
end

--- Removes the note.
function InterruptedRun.clear()
  store(nil)
end

local function notedPhotos()
  local catalog, photos = LrApplication.activeCatalog(), {}
  local text = catalog:getPropertyForPlugin(_PLUGIN, FIELD)
  for id in (type(text) == 'string' and text or ''):gmatch '%S+' do
    photos[#photos + 1] = catalog:findPhotoByUuid(id)
  end
  return photos
end

--- Offers to go on with an interrupted run. Returns "go on" and its photos, "new" where there is none or it is not
-- wanted, or "cancel".
function InterruptedRun.offer()
  local photos = notedPhotos()
  if #photos == 0 then return 'new' end
  local answer = LrDialogs.confirm(
    LOC('$$$/Autocull/Interrupted/Ask=Go on with the auto-cull of ^1 photos that was interrupted?', tostring(#photos)),
    LOC '$$$/Autocull/Interrupted/AskInfo=Lightroom ended while it was going on. What was measured is kept.',
    LOC '$$$/Autocull/Interrupted/GoOn=Go on',
    LOC '$$$/Autocull/Stacks/Cancel=Cancel',
    LOC '$$$/Autocull/Interrupted/New=Start the new one'
  )
  if answer == 'ok' then return 'go on', photos end
  return answer == 'other' and 'new' or 'cancel'
end

return InterruptedRun
