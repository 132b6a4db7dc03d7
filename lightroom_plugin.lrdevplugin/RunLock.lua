--[[ The lock that allows one run at a time, and whether the run in progress should stop.

A user's run has priority over the import watch: it signals the watch to yield, and waits for a limited time. A run from
before a reload of the plug-in has an old generation number, and ends at its next step.
]]

local LrPrefs = import 'LrPrefs'
local LrTasks = import 'LrTasks'

local RunLock = {}

local TIMEOUT = 60
local POLL = 0.25

-- The run in progress, or nil: { kind, generation, shouldYield }.
local current

local function nextGeneration()
  local prefs = LrPrefs.prefsForPlugin()
  prefs.runGeneration = (tonumber(prefs.runGeneration) or 0) + 1
  return prefs.runGeneration
end

-- Waits until the import watch yields, which it does between two pages: after the time of one gate at most.
local function waitForImport(stop)
  current.shouldYield = true
  for _ = 1, TIMEOUT / POLL do
    if not current or (stop and stop()) then return end
    LrTasks.sleep(POLL)
  end
end

--- Returns whether a run is in progress.
function RunLock.isHeld()
  return current ~= nil
end

--- Acquires the lock for a run of `kind` ("user", "import", ...) until `context` ends: true, or false where another run
-- holds it. Waits for the import watch to yield, until `stop()` (optional) returns true. Task needed.
function RunLock.acquire(context, kind, stop)
  if current and current.kind == 'import' and kind ~= 'import' then waitForImport(stop) end
  if current then return false end
  local run = { kind = kind, generation = nextGeneration() }
  current = run
  context:addCleanupHandler(function()
    if current == run then current = nil end
  end)
  return true
end

--- Returns whether the run in progress should stop: the plug-in was unloaded, or a user's run waits for the import
-- watch.
function RunLock.shouldStop()
  if not current then return false end
  return current.shouldYield or LrPrefs.prefsForPlugin().runGeneration ~= current.generation
end

--- Stops the run in progress at its next step; never yields.
function RunLock.stop()
  nextGeneration()
end

return RunLock
