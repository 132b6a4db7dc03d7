--[[ *Undo last auto-cull*: restores the marks that the last run, or an earlier one, changed, where they are still as it
wrote them.

The daemon stores the journal, so undo works after a restart of Lightroom and of the daemon.
]]

local LrApplication = import 'LrApplication'
local LrDialogs = import 'LrDialogs'
local LrTasks = import 'LrTasks'

local ApiClient = require 'ApiClient'
local CatalogId = require 'CatalogId'
local CatalogReader = require 'CatalogReader'
local CatalogWriter = require 'CatalogWriter'
local CullCommands = require 'CullCommands'
local CullPlan = require 'CullPlan'
local CullProgress = require 'CullProgress'
local DaemonControl = require 'DaemonControl'
local Json = require 'Json'
local LastReport = require 'LastReport'
local Log = require 'Log'
local ResponseSchema = require 'ResponseSchema'
local RunLock = require 'RunLock'
local RunReport = require 'RunReport'
local UndoChoice = require 'UndoChoice'

local Undo = {}

local PAGE = 200
local MOST_JOURNALS = 50

local function action()
  return LOC '$$$/Autocull/Action/Undo=Undo auto-cull'
end

local function isUndoable(journal)
  if type(journal) ~= 'table' or not ResponseSchema.isId(journal.id) then return false end
  return not journal.undone and (journal.entries or 0) > 0
end

local function noJournal()
  return nil, {
    kind = 'daemon',
    code = 'no_journal',
    message = LOC '$$$/Autocull/Undo/Nothing=There is no auto-cull of this catalog to undo.',
    hint = LOC '$$$/Autocull/Undo/NothingHint=A run can be undone once, within 90 days.',
  }
end

-- Returns the journals of this catalog that were not undone, newest first, or nil and an error.
local function undoableJournals()
  local catalog, err = CatalogId.of(LrApplication.activeCatalog())
  if not catalog then return nil, err end
  local page, why = ApiClient.journals(catalog, MOST_JOURNALS)
  if not page then return nil, why end
  local journals = {}
  for _, journal in ipairs(page.journals) do
    if isUndoable(journal) then journals[#journals + 1] = journal end
  end
  if #journals == 0 then return noJournal() end
  return journals
end

-- Returns the entries of a page with their photos; counts those whose photo is gone.
local function entriesOf(page, tally)
  local catalog, entries = LrApplication.activeCatalog(), {}
  for _, raw in ipairs(page.entries) do
    local entry, why = ResponseSchema.journalEntry(raw)
    if not entry then
      tally.failed = tally.failed + 1
      Log.error('an invalid entry of the journal: ' .. why)
    else
      local photo = catalog:findPhotoByUuid(entry.id)
      if photo then
        entries[#entries + 1] = { entry = entry, photo = photo }
      else
        tally.gone = tally.gone + 1
      end
    end
  end
  return entries
end

local function photosOf(entries)
  local photos = {}
  for index, each in ipairs(entries) do photos[index] = each.photo end
  return photos
end

-- Returns the changes that restore the marks of `entries`, from the marks as they are now.
local function plan(entries, counts, run)
  local marks, changes = CatalogReader.readMarks(photosOf(entries)), {}
  counts.changed, counts.gone, counts.unread = 0, 0, 0
  for _, each in ipairs(entries) do
    local current = marks[each.photo]
    if current == nil then
      counts.gone = counts.gone + 1
    elseif not current then
      counts.unread = counts.unread + 1
    else
      local writes, changed = CullPlan.undo(each.entry, current)
      if changed > 0 then counts.changed = counts.changed + 1 end
      if next(writes) then
        local written = CullPlan.undoneWritten(each.entry, current, writes, run)
        local fields = { written = next(written) and Json.encode(written) or false }
        changes[#changes + 1] = { photo = each.photo, current = current, marks = writes, fields = fields }
      end
    end
  end
  return changes
end

local function restorePage(journal, page, tally, waiting)
  local entries, counts = entriesOf(page, tally), {}
  local outcome, err = CatalogWriter.apply(action(), function() return plan(entries, counts, journal.id) end, waiting)
  if not outcome then return nil, err end
  tally.restored = tally.restored + #outcome.written
  tally.failed = tally.failed + #outcome.failed + counts.unread
  tally.changed = tally.changed + counts.changed + #outcome.changed
  tally.gone = tally.gone + counts.gone
  return true
end

local function restoreAll(journal, progress, tally)
  local after, done = 0, 0
  local shouldStop = RunLock.stopCondition()
  local function stop() return shouldStop() or progress:isCanceled() end
  local waiting = CullProgress.waiting(progress, stop)
  while not stop() do
    local page, err = ApiClient.journalEntries(journal.id, after, PAGE)
    if not page then return nil, err end
    local ok, why = restorePage(journal, page, tally, waiting)
    if not ok then return nil, why end
    after, done = page.next, done + #page.entries
    progress:setPortionComplete(math.min(done, journal.entries), journal.entries)
    if page.complete then return true end
    LrTasks.yield()
  end
  tally.cancelled = true
  return true
end

--- Restores the marks of a journal. Returns a tally { restored, changed, gone, failed, cancelled }, or nil, an error
-- and the tally so far. The journal counts as undone where nothing failed and undo was not cancelled. Task needed, and
-- no gate.
function Undo.restore(journal, progress)
  local tally = { restored = 0, changed = 0, gone = 0, failed = 0 }
  local ok, err = restoreAll(journal, progress, tally)
  if not ok and err.code == 'cancelled' then tally.cancelled, ok = true, true end
  if not ok then return nil, err, tally end
  if tally.failed == 0 and not tally.cancelled then
    local noted, why = ApiClient.markUndone(journal.id)
    if not noted then return nil, why, tally end
  end
  return tally
end

local function lines(tally)
  local text = { LOC('$$$/Autocull/Undo/Restored=Marks restored on ^1 photos', tostring(tally.restored)) }
  local function add(count, line)
    if count > 0 then text[#text + 1] = line end
  end
  local changed, failed = tostring(tally.changed), tostring(tally.failed)
  add(tally.changed, LOC('$$$/Autocull/Undo/Changed=Changed since then, and left as they are: ^1 photos', changed))
  add(tally.gone, LOC('$$$/Autocull/Undo/Gone=No longer in the catalog: ^1 photos', tostring(tally.gone)))
  add(tally.failed, LOC('$$$/Autocull/Undo/Failed=Could not be written: ^1 photos', failed))
  return text
end

local function report(tally, err)
  local text = lines(tally)
  if err then text[#text + 1] = err.message end
  if err and err.hint then text[#text + 1] = err.hint end
  local heading = LOC '$$$/Autocull/Undo/Done=The auto-cull is undone'
  if tally.cancelled or err or tally.failed > 0 then
    heading = LOC '$$$/Autocull/Undo/Incomplete=The auto-cull is partly undone: choose the menu item again'
  end
  local style = (err or tally.failed > 0) and 'warning' or 'info'
  local line = LOC('$$$/Autocull/Report/Outcome=^1: ^2', heading, text[1])
  LastReport.close(line, heading, table.concat(text, '\n'), style)
end

local function prepare(context, progress)
  local ready, err = DaemonControl.ensure(context, progress)
  if not ready then return nil, err end
  return undoableJournals()
end

--- The menu item. Task needed.
function Undo.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local progress = CullCommands.start(context, action())
  if not progress then return nil end
  local journals, err = prepare(context, progress)
  if not journals then
    progress:done()
    return RunReport.showFailure(err)
  end
  local journal = UndoChoice.choose(context, journals)
  if not journal then return progress:done() end
  local tally, why, partial = Undo.restore(journal, progress)
  progress:done()
  return report(tally or partial, why)
end

return Undo
