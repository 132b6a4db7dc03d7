--[[ The lock that allows one run at a time, and whether the run in progress should stop.

A user's run has priority over the import watch: it signals the watch to yield, and waits for a limited time. A run from
before a reload of the plug-in has an old generation number, and ends at its next step. A run that gave no sign of life
for a minute hangs, perhaps in a call that never returns: a user's run takes its place, and it ends if it ever goes on.
]]

local LrDate = import 'LrDate'
local LrPrefs = import 'LrPrefs'
local LrTasks = import 'LrTasks'

local Log = require 'Log'

local RunLock = {}

local TIMEOUT = 60
local POLL = 0.25
local LONGEST_SILENCE = 60 -- seconds without a sign of life after which a run is replaced

-- The run in progress, or nil: { kind, generation, shouldYield, alive = the time of its last sign of life }.
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

local function dropSilent()
  if not current or LrDate.currentTime() - current.alive <= LONGEST_SILENCE then return end
  Log.warn('a run gave no sign of life for a minute and is replaced: ' .. current.kind)
  current = nil
end

--- Returns whether a run is in progress.
function RunLock.isHeld()
  return current ~= nil
end

--- Acquires the lock for a run of `kind` ("user", "import", ...) until `context` ends: true, or false where another run
-- holds it. Waits for the import watch to yield, until `stop()` (optional) returns true. Task needed.
function RunLock.acquire(context, kind, stop)
  if kind ~= 'import' then dropSilent() end
  if current and current.kind == 'import' and kind ~= 'import' then waitForImport(stop) end
  if current then return false end
  local run = { kind = kind, generation = nextGeneration(), alive = LrDate.currentTime() }
  current = run
  context:addCleanupHandler(function()
    if current == run then current = nil end
  end)
  return true
end

--- Returns two functions for the run in progress. The first is its sign of life, and returns whether it should stop: it
-- lost its place, or a user's run waits for the import watch. The second returns whether it lost its place, since the
-- plug-in was unloaded or another run replaced it: then it must not write any more.
function RunLock.stopCondition()
  local run = current
  local function isLost()
    return run ~= nil and (run ~= current or LrPrefs.prefsForPlugin().runGeneration ~= run.generation)
  end
  local function shouldStop()
    if not run then return false end
    run.alive = LrDate.currentTime()
    return isLost() or run.shouldYield == true
  end
  return shouldStop, isLost
end

--- Stops the run in progress at its next step; never yields.
function RunLock.stop()
  nextGeneration()
end

return RunLock
