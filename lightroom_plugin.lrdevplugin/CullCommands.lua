--[[ *Auto-cull selection*, from the menu to the closing dialog. Other items that run photos of their own use
run().
]]

local LrDialogs = import 'LrDialogs'
local LrProgressScope = import 'LrProgressScope'

local CatalogReader = require 'CatalogReader'
local Collections = require 'Collections'
local CullRun = require 'CullRun'
local Keywords = require 'Keywords'
local RunCounts = require 'RunCounts'
local RunLock = require 'RunLock'
local RunReport = require 'RunReport'
local Settings = require 'Settings'

local CullCommands = {}

--- The bar of a run, which must be there before the catalog is read; it ends with `context`.
function CullCommands.bar(context, title)
  local progress = LrProgressScope { title = title, functionContext = context }
  progress:setCancelable(true)
  return progress
end

--- Begins a run: shows its bar, and takes the only place for a run, which an import's portion may hold for a moment.
-- Returns the bar; nil where another run goes on, which is said, or where it was cancelled meanwhile. Task needed.
function CullCommands.begin(context, title)
  local progress = CullCommands.bar(context, title)
  local function stop() return progress:isCanceled() end
  if RunLock.claim(context, 'user', stop) then return progress end
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

--- Whether the photographer wants so many photos to be judged; asked only above the number in the settings.
function CullCommands.isWanted(count, settings)
  if count <= settings.confirmAbove then return true end
  local answer = LrDialogs.confirm(
    LOC('$$$/Autocull/Run/Many=Auto-cull ^1 photos?', tostring(count)),
    LOC '$$$/Autocull/Run/ManyInfo=You can go on working meanwhile, and cancel at any moment: what is done is kept.',
    LOC '$$$/Autocull/Run/ManyGo=Auto-cull'
  )
  return answer == 'ok'
end

-- What is wanted beyond marks; each that fails is a problem of the report.
local function extras(tally, settings, problems)
  if RunCounts.judged(tally) == 0 then return end
  if settings.collections then
    local ok, err = Collections.make(tally)
    if not ok then problems[#problems + 1] = err end
  end
  if settings.keywords then
    local ok, err = Keywords.add(tally)
    if not ok then problems[#problems + 1] = err end
  end
end

--- Ends a run that wrote: collections and keywords where they are wanted, then the closing dialog. `err` and
-- `partial` are the second and third value of CullRun.cull.
function CullCommands.finish(progress, settings, tally, err, partial)
  local problems = { err }
  local seen = tally or partial
  if not seen or (not tally and RunCounts.answered(seen) == 0 and seen.failed == 0) then
    progress:done()
    return RunReport.failure(err)
  end
  extras(seen, settings, problems)
  progress:done()
  return RunReport.show(seen, problems)
end

local function cull(context, photos, progress)
  local settings = Settings.all()
  if not CullCommands.isWanted(#photos, settings) then return progress:done() end
  local args = { photos = photos, source = 'user', context = context, progress = progress, settings = settings }
  return CullCommands.finish(progress, settings, CullRun.cull(args))
end

local function title()
  return LOC '$$$/Autocull/Run/Title=Auto-cull'
end

--- Culls `photos` for the user: asks where they are many, shows the bar, writes, and reports. Task needed.
function CullCommands.run(context, photos)
  local progress = CullCommands.begin(context, title())
  if not progress then return nil end
  return cull(context, photos, progress)
end

--- The menu item. Task needed.
function CullCommands.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local progress = CullCommands.begin(context, title())
  if not progress then return nil end
  local photos, err = CatalogReader.selection()
  if not photos then
    progress:done()
    return RunReport.failure(err)
  end
  return cull(context, photos, progress)
end

return CullCommands
