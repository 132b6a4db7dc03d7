--[[ One run at a time: who runs, and whether it is to stop.

A user's run goes ahead of the import watch: it asks the watch's portion to end, and waits a little. A run from
before a reload of the plug-in finds that it is no longer the newest, and ends at its next step.
]]

local LrPrefs = import 'LrPrefs'
local LrTasks = import 'LrTasks'

local RunLock = {}

local PATIENCE = 60
local POLL = 0.25

-- The run that goes on, or nil: { what, generation, giveWay }.
local now

local function nextGeneration()
  local prefs = LrPrefs.prefsForPlugin()
  prefs.runGeneration = (tonumber(prefs.runGeneration) or 0) + 1
  return prefs.runGeneration
end

-- The portion of an import ends between two pages, which takes the time of a gate at most.
local function waitForImport(stop)
  now.giveWay = true
  for _ = 1, PATIENCE / POLL do
    if not now or (stop and stop()) then return end
    LrTasks.sleep(POLL)
  end
end

--- Whether a run goes on.
function RunLock.busy()
  return now ~= nil
end

--- Takes the only place for a run of `what` ("user", "import", ...) until `context` ends: true, or false where
-- another runs. Waits for an import's portion to give way, until `stop()`, where given, says to wait no more. Task
-- needed.
function RunLock.claim(context, what, stop)
  if now and now.what == 'import' and what ~= 'import' then waitForImport(stop) end
  if now then return false end
  local mine = { what = what, generation = nextGeneration() }
  now = mine
  context:addCleanupHandler(function()
    if now == mine then now = nil end
  end)
  return true
end

--- Whether the run that goes on is to end: the plug-in was unloaded, or a user's run waits for an import's.
function RunLock.mustStop()
  if not now then return false end
  return now.giveWay or LrPrefs.prefsForPlugin().runGeneration ~= now.generation
end

--- Makes the run that goes on end at its next step; never yields.
function RunLock.stop()
  nextGeneration()
end

return RunLock
