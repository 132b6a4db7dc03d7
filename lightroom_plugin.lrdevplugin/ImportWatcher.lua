--[[ Flags new imports: a background loop that checks the catalog periodically and culls new photos.

Off until it is switched on. It waits until an import is complete, judges it as one job whatever its size, never
changes marks of the photographer or the camera, yields to runs of the photographer, and shows bezels only. It
recognises handled photos by the catalog's watermark and by the field `cullState`, so its own writes cannot make it
loop.
]]

local LrApplication = import 'LrApplication'
local LrDialogs = import 'LrDialogs'
local LrFunctionContext = import 'LrFunctionContext'
local LrPrefs = import 'LrPrefs'
local LrProgressScope = import 'LrProgressScope'
local LrTasks = import 'LrTasks'

local CatalogReader = require 'CatalogReader'
local CullRun = require 'CullRun'
local FilePresence = require 'FilePresence'
local ImportDetector = require 'ImportDetector'
local ImportWatermark = require 'ImportWatermark'
local Log = require 'Log'
local RunLock = require 'RunLock'
local Settings = require 'Settings'

local ImportWatcher = {}

ImportWatcher.SHORTEST = 20 -- seconds between two checks while something happens
ImportWatcher.LONGEST = 300 -- seconds between two checks while nothing happens
ImportWatcher.QUIET = 2 -- checks for which an import has to stay unchanged before it is judged
ImportWatcher.MOST = 5000 -- more new photos at once are not an import from a card
ImportWatcher.FAILURES = 10 -- failures in a row after which a bezel says so; the watch tries again for ever

local BEZEL = 5

local status = { state = 'off' }

local function showBezel(text)
  Log.info('import watch: ' .. text)
  LrDialogs.showBezel(text, BEZEL)
end

local function nextGeneration()
  local prefs = LrPrefs.prefsForPlugin()
  prefs.watchGeneration = (tonumber(prefs.watchGeneration) or 0) + 1
  return prefs.watchGeneration
end

-- A loop from before a reload, or from before the watch was switched, has an old generation and ends.
local function isCurrent(generation)
  return LrPrefs.prefsForPlugin().watchGeneration == generation and Settings.all().watchImports
end

-- An import is complete once neither its size nor its newest photo has increased for QUIET checks.
local function isComplete(watch, photos)
  local newest = photos[#photos].localIdentifier
  local grew = newest > (watch.newest or 0) or #photos > (watch.waiting or 0)
  watch.unchanged = grew and 0 or watch.unchanged + 1
  watch.newest, watch.waiting = newest, #photos
  return watch.unchanged >= ImportWatcher.QUIET
end

-- Shows the counts of an import.
local function report(tally)
  local text = LOC(
    '$$$/Autocull/Watch/Done=New imports: ^1 keep, ^2 reject, ^3 cannot tell',
    tostring(tally.keep),
    tostring(tally.reject),
    tostring(tally.cannotTell)
  )
  if tally.unreadable > 0 then
    text = LOC('$$$/Autocull/Watch/Unreadable=^1, ^2 unreadable', text, tostring(tally.unreadable))
  end
  showBezel(text)
end

local BUSY = { kind = 'plugin', code = 'busy' }

local function isBusy(err)
  return type(err) == 'table' and err.kind == BUSY.kind and err.code == BUSY.code
end

-- Returns the tally, or nil and an error; then whether the photographer cancelled.
local function cull(photos)
  return LrFunctionContext.callWithContext('Autocull import watch run', function(context)
    if not RunLock.acquire(context, 'import') then return nil, BUSY end
    local progress = LrProgressScope {
      title = LOC '$$$/Autocull/Watch/Progress=Autocull judges new imports',
      functionContext = context,
    }
    progress:setCancelable(true)
    local settings = Settings.all()
    -- The photographer did not start this run: marks set meanwhile stay, whatever policy the settings have.
    settings.policy = 'untouched'
    local tally, err = CullRun.cull {
      photos = photos,
      source = 'import',
      context = context,
      progress = progress,
      settings = settings,
    }
    return tally, err, progress:isCanceled()
  end)
end

local function skipAll(catalog, photos)
  return ImportWatermark.write(catalog, photos[#photos].localIdentifier)
end

local function refuse(catalog, photos)
  local ok, err = skipAll(catalog, photos)
  if not ok then return nil, err end
  showBezel(LOC(
    '$$$/Autocull/Watch/TooMany=^1 new photos at once are not flagged: use Auto-cull previous import',
    tostring(#photos)
  ))
  return 'idle'
end

local function undecided(catalog, photos)
  local result, fileExists = {}, FilePresence.checker()
  for first = 1, #photos, CatalogReader.BATCH do
    local batch = { unpack(photos, first, math.min(first + CatalogReader.BATCH - 1, #photos)) }
    local some, others = ImportDetector.undecided(catalog, batch, fileExists)
    for _, photo in ipairs(some) do result[#result + 1] = photo end
    for why, number in pairs(others) do
      Log.info('import watch: ' .. number .. ' left alone (' .. why .. ')')
    end
    LrTasks.yield()
  end
  return result
end

local function cullImport(catalog, photos)
  local some = undecided(catalog, photos)
  local tally, err, wasCancelled
  if #some > 0 then
    tally, err, wasCancelled = cull(some)
    if not tally then return nil, err end
  end
  -- Only now: an import that failed is culled again, and the field cullState marks the photos that are done.
  local ok, why = skipAll(catalog, photos)
  if not ok then return nil, why end
  if tally then report(tally) end
  if not wasCancelled then return 'worked' end
  showBezel(LOC '$$$/Autocull/Watch/Cancelled=Cancelled: the rest of this import is not flagged')
  return 'idle'
end

local function watermark(catalog)
  local stored = ImportWatermark.read(catalog)
  if stored then return stored end
  local current, err = ImportWatermark.current(catalog)
  if not current then return nil, err end
  local ok, why = ImportWatermark.write(catalog, current)
  if not ok then return nil, why end
  return current
end

--- Checks the catalog once; `watch` is the loop's state. Returns the outcome ("busy", "idle", "importing" or "worked"),
-- or nil and an error. Task needed.
function ImportWatcher.check(watch)
  if RunLock.isHeld() then return 'busy' end
  local catalog = LrApplication.activeCatalog()
  local from, err = watermark(catalog)
  if not from then return nil, err end
  local photos = ImportDetector.above(ImportDetector.recent(catalog), from)
  if #photos == 0 then
    watch.newest, watch.waiting = nil, nil
    return 'idle'
  end
  if not isComplete(watch, photos) then return 'importing' end
  if #photos > ImportWatcher.MOST then return refuse(catalog, photos) end
  return cullImport(catalog, photos)
end

local function pause(watch, outcome)
  if outcome == 'idle' or outcome == nil then return math.min(watch.pause * 2, ImportWatcher.LONGEST) end
  return ImportWatcher.SHORTEST
end

local function fail(watch, err)
  local text = type(err) == 'table' and tostring(err.message or err.code) or tostring(err)
  watch.failures = watch.failures + 1
  status = { state = 'failing', message = text }
  Log.warn('import watch, failure ' .. watch.failures .. ': ' .. text)
  if watch.failures == ImportWatcher.FAILURES then
    showBezel(LOC '$$$/Autocull/Watch/Failing=Autocull cannot flag new imports and keeps trying; see Plug-in Manager')
  end
end

local function step(watch)
  local ok, outcome, err = LrTasks.pcall(ImportWatcher.check, watch)
  if not ok then outcome, err = nil, outcome end
  if isBusy(err) then outcome = 'busy' end
  if outcome then
    watch.failures = 0
    status = { state = 'watching', message = outcome }
  else
    fail(watch, err)
  end
  watch.pause = pause(watch, outcome)
end

local function loop(generation)
  Log.info('import watch begins, generation ' .. generation)
  local watch = { pause = ImportWatcher.SHORTEST, failures = 0, unchanged = 0 }
  LrTasks.sleep(watch.pause)
  while isCurrent(generation) do
    step(watch)
    LrTasks.sleep(watch.pause)
  end
  Log.info('import watch ends, generation ' .. generation)
end

--- Starts the loop where the setting is on, and ends the previous one; never yields.
function ImportWatcher.start()
  local generation = nextGeneration()
  if not Settings.all().watchImports then
    status = { state = 'off' }
    return
  end
  status = { state = 'watching' }
  LrFunctionContext.postAsyncTaskWithContext('Autocull import watch', function() loop(generation) end)
end

--- Ends the loop at its next check; never yields.
function ImportWatcher.stop()
  nextGeneration()
  status = { state = 'off' }
end

--- Returns the state of the watch ("off", "watching" or "failing") and the reason of a failure.
function ImportWatcher.status()
  return status.state, status.state ~= 'watching' and status.message or nil
end

return ImportWatcher
