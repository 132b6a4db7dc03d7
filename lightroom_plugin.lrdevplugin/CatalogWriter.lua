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
local FRESH = 2 -- seconds for which a plan is valid

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

-- Opens a gate by `open`, in three tries where the catalog is busy. `before` and `stop` as in CatalogWriter.gate.
local function attempt(open, before, stop)
  local last
  for number = 1, TRIES do
    if number > 1 then
      if stop() then return cancelled() end
      LrTasks.sleep(PAUSE)
    end
    local prepared, err = before()
    if not prepared then return nil, err end
    local ok, status = LrTasks.pcall(open)
    if ok and status == 'executed' then return true end
    last = tostring(status)
    if not ok and not isBusyError(last) then return refused(last) end
  end
  return busy(last)
end

local function always() return true end
local function never() return false end

--- Runs `fn` in one gate, in three tries where the catalog is busy. Returns true once it was executed; else nil and an
-- error, and nothing was written. `fn` may run more than once and has to start from scratch each time.
-- `options.before()` runs before each try, outside of the gate, and returns true, or nil and an error that ends it;
-- `options.stop()` returns whether to stop trying.
function CatalogWriter.gate(name, fn, options)
  local function open()
    return LrApplication.activeCatalog():withWriteAccessDo(name, fn, GATE)
  end
  return attempt(open, options and options.before or always, options and options.stop or never)
end

--- Runs `fn` in a private gate, which adds no step to the undo history and can write only the plug-in's own fields.
function CatalogWriter.privateGate(fn)
  local function open()
    return LrApplication.activeCatalog():withPrivateWriteAccessDo(fn, GATE)
  end
  return attempt(open, always, never)
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

-- Marks are read again inside the gate, since the photographer may have set some after the plan was made. Where this
-- Lightroom does not let them be read here, the plan counts, which is never older than FRESH.
local function writeAll(changes, outcome)
  outcome.written, outcome.failed, outcome.changed = {}, {}, {}
  outcome.stale = LrDate.currentTime() - outcome.prepared > FRESH
  if outcome.stale then return end
  for _, change in ipairs(changes) do
    if next(change.marks) and CatalogReader.hasMarks(change.photo, change.current) == false then
      outcome.changed[#outcome.changed + 1] = change
    else
      writeOne(change, outcome)
    end
  end
end

--- Writes in one gate what `prepare()` returns: an array of at most CHUNK changes { photo, current = the marks that
-- it was planned from, marks = { rating, label, flag }, fields = { name = text, or false to clear } }, or nil and an
-- error; it is called before each try. Returns { written = changes, changed = changes whose photos got other marks
-- since and were left alone, failed = { { change, message } } }: a photo that fails does not affect the others.
function CatalogWriter.apply(name, prepare, stop)
  local changes, outcome = {}, {}
  local function before()
    -- Before prepare(): it reads the marks first, and what follows (a daemon that restarts) may take long.
    outcome.prepared = LrDate.currentTime()
    local prepared, err = prepare()
    if not prepared then return nil, err end
    changes = prepared
    return true
  end
  local options = { before = before, stop = stop }
  for _ = 1, TRIES do
    local ok, err = CatalogWriter.gate(name, function() writeAll(changes, outcome) end, options)
    if not ok then return nil, err end
    if not outcome.stale then break end
  end
  if outcome.stale then return busy('each gate took long to open') end
  if #outcome.changed > 0 then Log.info(#outcome.changed .. ' photos were marked meanwhile, and left alone') end
  for _, failure in ipairs(outcome.failed) do Log.warn('a photo was not written: ' .. failure.message) end
  return outcome
end

return CatalogWriter
