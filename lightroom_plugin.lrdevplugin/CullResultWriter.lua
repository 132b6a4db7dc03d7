--[[ Writes the results of a run to the catalog: reads the marks again, plans the changes, journals them, then writes
them. A photo that would not change is not written.

The daemon has the journal before each gate opens: if Lightroom ends in between, undo still has every mark that may
have been written.
]]

local LrTasks = import 'LrTasks'

local ApiClient = require 'ApiClient'
local CatalogReader = require 'CatalogReader'
local CatalogWriter = require 'CatalogWriter'
local CullPlan = require 'CullPlan'
local CullProgress = require 'CullProgress'
local Json = require 'Json'
local ReasonTexts = require 'ReasonTexts'
local RunCounts = require 'RunCounts'

local CullResultWriter = {}

--- The name of each step in the photographer's undo history.
CullResultWriter.ACTION = LOC '$$$/Autocull/Action/AutoCull=Auto-cull'

-- Two decimals, with a point in every language, so that texts sort as the numbers do.
local function share(value)
  return (string.format('%.2f', value):gsub(',', '.'))
end

local function focusText(focus)
  if not focus or not focus.subject_sharp then return focus and focus.kind or false end
  return share(focus.subject_sharp) .. (focus.kind and ' ' .. focus.kind or '')
end

local function writtenText(written)
  return next(written) ~= nil and Json.encode(written) or false
end

-- The fields of the photo's rank in its series, and of the photographer's taste. A single photo has a kind only.
local function seriesFields(result)
  local series, select = result.series, result.select
  local isOne = series ~= nil and series.size > 1
  return {
    seriesId = isOne and series.id or false,
    seriesKind = series and series.kind or false,
    seriesRank = isOne and string.format('%.0f/%.0f', series.rank, series.size) or false,
    select = select and share(select.probability) or false,
  }
end

--- Returns the custom fields of a result: codes and texts by field name, false for those without a value.
function CullResultWriter.fields(result, written)
  local series = seriesFields(result)
  return {
    seriesId = series.seriesId,
    seriesKind = series.seriesKind,
    seriesRank = series.seriesRank,
    select = series.select,
    verdict = result.verdict,
    score = result.score and share(result.score) or false,
    mainReason = #result.reasons > 0 and result.reasons[1].code or false,
    reasons = #result.reasons > 0 and ReasonTexts.reasons(result.reasons) or false,
    focus = focusText(result.focus),
    eyes = result.eyes or false,
    category = result.category or false,
    model = result.model or false,
    cullState = 'done:' .. (result.model or ''),
    written = writtenText(written),
  }
end

-- The protocol's null stands for no stars.
local function asSent(marks)
  return { rating = marks.rating == 0 and Json.null or marks.rating, label = marks.label, flag = marks.flag }
end

local function entryOf(change, texts)
  local before, after = CullPlan.journalEntry(change.current, change.marks, texts)
  return { id = change.item.id, before = asSent(before), after = asSent(after) }
end

local function entriesOf(changes, texts)
  local entries = {}
  for _, change in ipairs(changes) do
    if next(change.marks) then entries[#entries + 1] = entryOf(change, texts) end
  end
  return entries
end

-- Returns those of `fields` that differ from the photo's present ones.
local function changedFields(fields, present)
  local changed = {}
  for name, value in pairs(fields) do
    if present[name] ~= (value or nil) then changed[name] = value end
  end
  return changed
end

-- A kept photo beyond the number to keep gets no marks: those of an earlier run are removed, the photographer's stay.
local function writesOf(pair, current, run, texts)
  if not pair.isBeyond then return CullPlan.writes(pair.result, current, run.settings, texts) end
  local settings = setmetatable({ policy = 'respect' }, { __index = run.settings })
  local marks, _, written = CullPlan.writes(CullPlan.UNSET, current, settings, texts)
  return marks, 0, written
end

local function changeOf(pair, current, run, texts)
  local marks, leftAlone, written = writesOf(pair, current, run, texts)
  if next(marks) then
    written = CullPlan.withPrevious(written, current, run.id)
  else
    written.previous = current.written and current.written.previous
  end
  return {
    item = pair.item,
    photo = pair.item.photo,
    current = current,
    marks = marks,
    leftAlone = leftAlone,
    fields = changedFields(CullResultWriter.fields(pair.result, written), current.fields),
  }
end

-- The names of all fields, which are in the fields of every result.
local FIELDS = {}
for name in pairs(CullResultWriter.fields({ verdict = 'keep', reasons = {} }, {})) do FIELDS[#FIELDS + 1] = name end

local function newOmitted()
  return { gone = {}, unread = {}, judgedBefore = {}, same = {} }
end

-- Sorts a photo into `changes`, or into a list of `omitted`.
local function sort(pair, current, run, texts, changes, omitted)
  if current == nil then return table.insert(omitted.gone, pair.item) end
  if not current then return table.insert(omitted.unread, pair.item) end
  if omitted.onlyNew and (current.fields.verdict or '') ~= '' then
    return table.insert(omitted.judgedBefore, pair.item)
  end
  local change = changeOf(pair, current, run, texts)
  local isChanged = next(change.marks) ~= nil or next(change.fields) ~= nil
  return table.insert(isChanged and changes or omitted.same, change)
end

-- Returns the changes from the marks as they are now, and the texts of the label set; adds to `omitted` the photos that
-- are `gone` from the catalog, whose marks could not be read (`unread`), that were `judgedBefore` and stay where the
-- run is not complete (`onlyNew`), and the changes that change nothing (`same`).
local function plan(judged, run, omitted)
  local photos, changes = {}, {}
  for index, pair in ipairs(judged) do photos[index] = pair.item.photo end
  local marks, set = CatalogReader.readMarks(photos, FIELDS)
  for _, pair in ipairs(judged) do sort(pair, marks[pair.item.photo], run, set.texts, changes, omitted) end
  return changes, set.texts
end

local function prepare(run, chunk, omitted)
  return function()
    for name, list in pairs(newOmitted()) do omitted[name] = list end
    local changes, texts = plan(chunk, run, omitted)
    local entries = entriesOf(changes, texts)
    if #entries > 0 then
      local saved, err = run.call(ApiClient.addJournalEntries, run.id, entries)
      if not saved then return nil, err end
    end
    return changes
  end
end

local function count(tally, outcome, omitted)
  for _, change in ipairs(omitted.same) do RunCounts.addWritten(tally, change.item, false, change.leftAlone > 0) end
  for _, item in ipairs(omitted.judgedBefore) do RunCounts.addJudgedBefore(tally, item) end
  for _, change in ipairs(outcome.written) do
    RunCounts.addWritten(tally, change.item, next(change.marks) ~= nil, change.leftAlone > 0)
  end
  for _, change in ipairs(outcome.changed) do RunCounts.addWritten(tally, change.item, false, true) end
  for _, failure in ipairs(outcome.failed) do RunCounts.addFailure(tally, failure.change.item, failure.message) end
  for _, item in ipairs(omitted.gone) do
    RunCounts.addFailure(tally, item, LOC '$$$/Autocull/Write/Gone=is no longer in the catalog')
  end
  local unread = LOC '$$$/Autocull/Write/Unread=Lightroom does not return its marks, so they stay unchanged'
  for _, item in ipairs(omitted.unread) do
    RunCounts.addFailure(tally, item, unread)
  end
end

local function writeChunk(run, chunk, onlyNew)
  local omitted = { onlyNew = onlyNew }
  local waiting = CullProgress.waiting(run.progress, run.shouldStop)
  local outcome, err = CatalogWriter.apply(CullResultWriter.ACTION, prepare(run, chunk, omitted), waiting)
  if not outcome then return nil, err end
  count(run.tally, outcome, omitted)
  return true
end

-- A run that is cancelled while it writes stops between two portions. The import watch gives way before and after.
local function isStopped(run)
  if run.tally.cancelled or run.args.source == 'import' then return false end
  run.tally.cancelled = run.shouldStop() or nil
  return run.tally.cancelled
end

--- Writes judged photos, an array of { item, result }, in portions of CatalogWriter.CHUNK. `run` has the job's `id`,
-- `args`, `settings`, `tally`, `progress`, `call` (calls the daemon, also after a restart) and `shouldStop`; `onlyNew`:
-- whether photos that have a verdict already stay as they are. Returns true, or nil and an error; then the remaining
-- photos count as failed.
function CullResultWriter.write(run, judged, onlyNew)
  for first = 1, #judged, CatalogWriter.CHUNK do
    if isStopped(run) then return true end
    local chunk = { unpack(judged, first, math.min(first + CatalogWriter.CHUNK - 1, #judged)) }
    CullProgress.writing(run.progress, first, #judged)
    local ok, err = writeChunk(run, chunk, onlyNew)
    if not ok and err.code == 'cancelled' then return nil, err end
    if not ok then
      for index = first, #judged do RunCounts.addFailure(run.tally, judged[index].item, err.message) end
      return nil, err
    end
    LrTasks.yield()
  end
  return true
end

return CullResultWriter
