--[[ Writes to the catalog: short gates with a timeout, whose outcome is checked, and a protected call for each photo.

Every gate is one step of Lightroom's undo history. All gates of a run have the same name, so that macOS merges them
into one step. All functions need a task, and must be called neither within a gate nor within a plain pcall.
]]

local LrApplication = import 'LrApplication'
local LrDate = import 'LrDate'
local LrTasks = import 'LrTasks'

local CatalogReader = require 'CatalogReader'
local Labels = require 'Labels'
local Log = require 'Log'

local CatalogWriter = {}

CatalogWriter.CHUNK = 200

local GATE = { timeout = 30 }
local TRIES = 3
local PAUSE = 2
local WAITING_GATE = { timeout = 5 } -- of a run that waits until it is cancelled
local WAITING_PAUSE = 0.5
local NOTHING = {} -- stands for an error: there is nothing to write
local FRESH = 2 -- seconds after which marks are read again before the gate

local function busy(why)
  Log.warn('the catalog stayed busy: ' .. why)
  return nil, {
    kind = 'catalog',
    code = 'busy',
    message = LOC '$$$/Autocull/Write/Busy=Lightroom was busy with something else and did not let Autocull write.',
    hint = LOC '$$$/Autocull/Write/BusyHint=Wait until it is done, then run it again: what was measured is kept.',
  }
end

local function refused(why)
  Log.error('a write was refused and rolled back: ' .. why)
  return nil, {
    kind = 'catalog',
    code = 'refused',
    message = LOC('$$$/Autocull/Write/Refused=Lightroom refused a write: ^1', why),
  }
end

local function cancelled()
  local message = LOC '$$$/Autocull/Write/Cancelled=Cancelled while Lightroom was busy.'
  return nil, { kind = 'catalog', code = 'cancelled', message = message }
end

-- Returns whether an error means that the catalog is held by another, not that `fn` failed.
local function isBusyError(why)
  return why:find('write access', 1, true) ~= nil
end

-- Opens a gate by `open(timeout options)`: in three tries where the catalog is busy, or where there is `options.stop`
-- until that returns true. The other `options` as in CatalogWriter.gate.
local function attempt(open, options)
  local last
  local gate, pause = options.stop and WAITING_GATE or GATE, options.stop and WAITING_PAUSE or PAUSE
  for number = 1, options.stop and math.huge or TRIES do
    if number > 1 then
      if options.stop and options.stop() then return cancelled() end
      if options.onWait then options.onWait() end
      LrTasks.sleep(pause)
    end
    if options.before then
      local prepared, err = options.before()
      if not prepared then return nil, err end
    end
    local ok, status = LrTasks.pcall(open, gate)
    if ok and status == 'executed' then return true end
    last = tostring(status)
    if not ok and not isBusyError(last) then return refused(last) end
  end
  return busy(last)
end

--- Runs `fn` in one gate. Returns true once it was executed; else nil and an error, and nothing was written. `fn` may
-- run more than once and has to start from scratch each time.
-- Where the catalog is busy it is tried three times, or with `options.stop` until that returns true; `options.onWait()`
-- is called before each further try. `options.before()` runs before each try, outside of the gate, and returns true, or
-- nil and an error that ends it.
function CatalogWriter.gate(name, fn, options)
  local function open(gate)
    return LrApplication.activeCatalog():withWriteAccessDo(name, fn, gate)
  end
  return attempt(open, options or {})
end

--- Runs `fn` in a private gate, which adds no step to the undo history and can write only the plug-in's own fields.
function CatalogWriter.privateGate(fn, options)
  local function open(gate)
    return LrApplication.activeCatalog():withPrivateWriteAccessDo(fn, gate)
  end
  return attempt(open, options or {})
end

-- A colour by its name, which Lightroom stores as its text in the label set in use; every other label as its text.
local function writeLabel(photo, label)
  local isNamed = Labels.isColour(label) or label == 'none'
  photo:setRawMetadata(isNamed and 'colorNameForLabel' or 'label', label)
end

local function writeMarks(photo, marks)
  if marks.rating then
    -- Stars are cleared by nil: Lightroom refuses 0.
    local stars = marks.rating
    if stars == 0 then stars = nil end
    photo:setRawMetadata('rating', stars)
  end
  if marks.label then writeLabel(photo, marks.label) end
  if marks.flag then photo:setRawMetadata('pickStatus', marks.flag) end
end

local function writeFields(photo, fields)
  for name, value in pairs(fields or {}) do
    photo:setPropertyForPlugin(_PLUGIN, name, value or nil)
  end
end

local function writeOne(change, outcome)
  local ok, why = LrTasks.pcall(function()
    writeMarks(change.photo, change.marks)
    writeFields(change.photo, change.fields)
  end)
  if ok then
    outcome.written[#outcome.written + 1] = change
  else
    outcome.failed[#outcome.failed + 1] = { change = change, message = tostring(why) }
  end
end

-- Whether the photographer changed the marks of a photo since they were read. Where this Lightroom does not let them be
-- read inside a gate, the marks from before count while they are fresh.
local function isChanged(change, fresh)
  if next(change.marks) == nil then return false end
  local isSame = CatalogReader.hasMarks(change.photo, change.current)
  if isSame == nil then return not fresh end
  return not isSame
end

local function writeAll(changes, outcome)
  local fresh = LrDate.currentTime() - outcome.prepared <= FRESH
  outcome.written, outcome.failed, outcome.changed = {}, {}, {}
  outcome.stale = not fresh and outcome.tries < TRIES
  if outcome.stale then return end
  for _, change in ipairs(changes) do
    if isChanged(change, fresh) then
      outcome.changed[#outcome.changed + 1] = change
    else
      writeOne(change, outcome)
    end
  end
end

--- Writes in one gate what `prepare()` returns: an array of at most CHUNK changes { photo, current = the marks that
-- it was planned from, marks = { rating, label, flag }, fields = { name = text, or false to clear } }, or nil and an
-- error; it is called before each try, and where the array is empty no gate is opened. `waiting` has `stop` and
-- `onWait`, as in CatalogWriter.gate. Returns { written = changes, changed = changes whose photos got other marks since
-- and were left alone, failed = { { change, message } } }: a photo that fails does not affect the others.
function CatalogWriter.apply(name, prepare, waiting)
  local changes, outcome = {}, { written = {}, failed = {}, changed = {}, tries = 0 }
  local function before()
    -- Before prepare(): it reads the marks first, and what follows (a daemon that restarts) may take long.
    outcome.prepared = LrDate.currentTime()
    local prepared, err = prepare()
    if not prepared then return nil, err end
    changes = prepared
    if #changes == 0 then return nil, NOTHING end
    return true
  end
  local options = { stop = waiting.stop, onWait = waiting.onWait, before = before }
  repeat
    outcome.tries = outcome.tries + 1
    local ok, err = CatalogWriter.gate(name, function() writeAll(changes, outcome) end, options)
    if err == NOTHING then break end
    if not ok then return nil, err end
  until not outcome.stale
  if #outcome.changed > 0 then Log.info(#outcome.changed .. ' photos were marked meanwhile, and left alone') end
  for _, failure in ipairs(outcome.failed) do Log.warn('a photo was not written: ' .. failure.message) end
  return outcome
end

return CatalogWriter
