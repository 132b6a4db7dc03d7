--[[ *Auto-cull selection*, from the menu to the report. Menu items that cull other photos call run(). ]]

local LrDate = import 'LrDate'
local LrDialogs = import 'LrDialogs'
local LrProgressScope = import 'LrProgressScope'

local CatalogReader = require 'CatalogReader'
local Collections = require 'Collections'
local CullProgress = require 'CullProgress'
local CullRun = require 'CullRun'
local InterruptedRun = require 'InterruptedRun'
local Keywords = require 'Keywords'
local RunCounts = require 'RunCounts'
local RunLock = require 'RunLock'
local RunReport = require 'RunReport'
local Settings = require 'Settings'
local Stacks = require 'Stacks'

local CullCommands = {}

local AT_ONCE = 10 -- seconds after the click in which a failure is its answer

-- When the photographer started the last run.
local started

--- Shows the progress bar of a run, before the catalog is read; it ends with `context`.
function CullCommands.showProgress(context, title)
  started = LrDate.currentTime()
  local progress = LrProgressScope { title = title, functionContext = context }
  progress:setCancelable(true)
  return progress
end

--- Starts a run: shows its progress bar and acquires the run lock, which the import watch may hold for a moment.
-- Returns the bar; nil where another run is in progress (a message says so) or where it was cancelled. Task needed.
function CullCommands.start(context, title)
  local progress = CullCommands.showProgress(context, title)
  local function stop() return progress:isCanceled() end
  if RunLock.acquire(context, 'user', stop) then return progress end
  local cancelled = stop()
  progress:done()
  if not cancelled then
    LrDialogs.message(
      LOC '$$$/Autocull/Run/Busy=Autocull is at work already',
      LOC '$$$/Autocull/Run/BusyInfo=Wait until that run has ended, or cancel it at its bar.',
      'info'
    )
  end
  return nil
end

--- Returns whether to judge `count` photos; the photographer confirms a count above the limit in the settings.
function CullCommands.confirm(count, settings)
  if count <= settings.confirmAbove then return true end
  local answer = LrDialogs.confirm(
    LOC('$$$/Autocull/Run/Many=Auto-cull ^1 photos?', tostring(count)),
    LOC '$$$/Autocull/Run/ManyInfo=You can go on working meanwhile, and cancel at any moment: what is done is kept.',
    LOC '$$$/Autocull/Run/ManyGo=Auto-cull'
  )
  return answer == 'ok'
end

-- Creates collections and keywords where the settings want them; errors are added to `problems`.
local function addExtras(progress, tally, settings, problems)
  if RunCounts.judged(tally) == 0 or not (settings.collections or settings.keywords) then return end
  CullProgress.extras(progress)
  -- A run that was cancelled does not wait.
  local waiting = CullProgress.waiting(progress, function() return tally.cancelled or progress:isCanceled() end)
  if settings.collections then
    local ok, err = Collections.create(tally, waiting)
    if not ok then problems[#problems + 1] = err end
  end
  if settings.keywords then
    local ok, err = Keywords.add(tally, waiting)
    if not ok then problems[#problems + 1] = err end
  end
end

--- Shows why a run did nothing: at once in a dialog, and later, in the middle of other work, as a bezel.
function CullCommands.fail(err)
  local isNow = LrDate.currentTime() - (started or 0) <= AT_ONCE
  if isNow then return RunReport.showFailure(err) end
  return RunReport.closeFailure(err)
end

--- Finishes a run that wrote: collections and keywords where the settings want them, then its report as a bezel. `err`
-- and `partial` are the second and third value of CullRun.cull.
function CullCommands.finish(progress, settings, tally, err, partial)
  local problems = { err }
  local counted = tally or partial
  if not counted or (not tally and RunCounts.answered(counted) == 0 and counted.failed == 0) then
    progress:done()
    CullCommands.fail(err)
    return nil
  end
  addExtras(progress, counted, settings, problems)
  progress:done()
  RunReport.close(counted, problems)
  return counted
end

-- Returns the photos to judge, how many of collapsed stacks are left out, and whether an interrupted run goes on; nil
-- where the photographer cancels.
local function choosePhotos(shown, inStacks)
  local choice, interrupted = InterruptedRun.offer()
  if choice == 'cancel' then return nil end
  if choice == 'go on' then return interrupted, 0, true end
  return Stacks.offer(shown, inStacks)
end

local function cull(context, shown, progress, answers)
  local settings, photos, inStacks, isContinued = Settings.all(), choosePhotos(shown, answers.inStacks)
  local isWanted = photos and (answers.isConfirmed or isContinued or CullCommands.confirm(#photos, settings))
  if not isWanted then
    progress:done()
    return nil
  end
  local args = {
    photos = photos,
    inStacks = inStacks,
    keepAbout = answers.keepAbout,
    source = 'user',
    context = context,
    progress = progress,
    settings = settings,
  }
  return CullCommands.finish(progress, settings, CullRun.cull(args))
end

local function title()
  return LOC '$$$/Autocull/Run/Title=Auto-cull'
end

--- Culls `photos` for the user: shows progress, writes marks, and reports. Returns whether there was a run that was not
-- cancelled. `answers` (optional): `isConfirmed`, without which a large count is confirmed; `keepAbout`, how many of
-- the kept photos get marks, nil for all; `inStacks`, whether photos in collapsed stacks are judged too, nil to ask.
-- Task needed.
function CullCommands.run(context, photos, answers)
  local progress = CullCommands.start(context, title())
  if not progress then return false end
  local tally = cull(context, photos, progress, answers or {})
  return tally ~= nil and not tally.cancelled
end

--- The menu item. Task needed.
function CullCommands.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local progress = CullCommands.start(context, title())
  if not progress then return nil end
  local photos, err = CatalogReader.selection()
  if not photos then
    progress:done()
    return RunReport.showFailure(err)
  end
  return cull(context, photos, progress, {})
end

return CullCommands
