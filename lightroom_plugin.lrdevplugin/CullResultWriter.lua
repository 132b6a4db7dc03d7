--[[ Brings a page of results into the catalog: marks are read again, planned, journalled, and only then written.

The journal is with the daemon before each gate opens, so that whatever ends Lightroom in between, undo knows
every mark that may have been written.
]]

local LrTasks = import 'LrTasks'

local ApiClient = require 'ApiClient'
local CatalogReader = require 'CatalogReader'
local CatalogWriter = require 'CatalogWriter'
local CullPlan = require 'CullPlan'
local Json = require 'Json'
local ReasonTexts = require 'ReasonTexts'
local RunCounts = require 'RunCounts'

local CullResultWriter = {}

--- The name of each step in the photographer's undo history.
CullResultWriter.ACTION = LOC '$$$/Autocull/Action/AutoCull=Auto-cull'

-- Two decimals, with a point in every language: texts then sort as the numbers do.
local function share(value)
  return (string.format('%.2f', value):gsub(',', '.'))
end

local function focusText(focus)
  if not focus or not focus.subject_sharp then return focus and focus.kind or false end
  return share(focus.subject_sharp) .. (focus.kind and ' ' .. focus.kind or '')
end

local function writtenText(ours)
  return next(ours) ~= nil and Json.encode(ours) or false
end

-- The fields of the photo's place among others, and of the photographer's taste. A photo that is alone has a kind only.
local function besideFields(result)
  local series, select = result.series, result.select
  local isOne = series ~= nil and series.size > 1
  return {
    seriesId = isOne and series.id or false,
    seriesKind = series and series.kind or false,
    seriesRank = isOne and string.format('%.0f/%.0f', series.rank, series.size) or false,
    select = select and share(select.probability) or false,
  }
end

--- The custom fields of a result: codes and texts by field name, false for those without a value.
function CullResultWriter.fields(result, ours)
  local beside = besideFields(result)
  return {
    seriesId = beside.seriesId,
    seriesKind = beside.seriesKind,
    seriesRank = beside.seriesRank,
    select = beside.select,
    verdict = result.verdict,
    score = result.score and share(result.score) or false,
    reasons = #result.reasons > 0 and ReasonTexts.reasons(result.reasons) or false,
    focus = focusText(result.focus),
    eyes = result.eyes or false,
    category = result.category or false,
    model = result.model or false,
    cullState = 'done:' .. (result.model or ''),
    written = writtenText(ours),
  }
end

-- The protocol's null stands for no stars.
local function asSent(marks)
  return { rating = marks.rating == 0 and Json.null or marks.rating, label = marks.label, flag = marks.flag }
end

local function entryOf(change)
  local before, after = CullPlan.journalEntry(change.current, change.marks)
  return { id = change.item.id, before = asSent(before), after = asSent(after) }
end

local function entriesOf(changes)
  local entries = {}
  for _, change in ipairs(changes) do
    if next(change.marks) then entries[#entries + 1] = entryOf(change) end
  end
  return entries
end

local function changeOf(pair, current, settings)
  local marks, leftAlone, ours = CullPlan.writes(pair.result, current, settings)
  return {
    item = pair.item,
    photo = pair.item.photo,
    current = current,
    marks = marks,
    leftAlone = leftAlone,
    fields = CullResultWriter.fields(pair.result, ours),
  }
end

-- The changes as the marks are at this moment; in `found` the photos that are `gone` from the catalog, and those whose
-- marks could not be read (`unread`).
local function plan(pairs_, settings, found)
  local photos, changes = {}, {}
  for index, pair in ipairs(pairs_) do photos[index] = pair.item.photo end
  local marks = CatalogReader.marks(photos)
  for _, pair in ipairs(pairs_) do
    local current = marks[pair.item.photo]
    if current then
      changes[#changes + 1] = changeOf(pair, current, settings)
    else
      table.insert(current == nil and found.gone or found.unread, pair.item)
    end
  end
  return changes
end

local function prepare(run, chunk, found)
  return function()
    found.gone, found.unread = {}, {}
    local changes = plan(chunk, run.settings, found)
    local entries = entriesOf(changes)
    if #entries > 0 then
      local kept, err = run.ask(ApiClient.journal, run.id, entries)
      if not kept then return nil, err end
    end
    return changes
  end
end

local function count(tally, outcome, found)
  for _, change in ipairs(outcome.written) do
    RunCounts.wrote(tally, change.item, next(change.marks) ~= nil, change.leftAlone > 0)
  end
  for _, failure in ipairs(outcome.failed) do RunCounts.fail(tally, failure.change.item, failure.message) end
  for _, item in ipairs(found.gone) do
    RunCounts.fail(tally, item, LOC '$$$/Autocull/Write/Gone=is no longer in the catalog')
  end
  for _, item in ipairs(found.unread) do
    RunCounts.fail(tally, item, LOC '$$$/Autocull/Write/Unread=Lightroom does not say which marks it has, so they stay')
  end
end

local function applyChunk(run, chunk)
  local found = {}
  local outcome, err = CatalogWriter.apply(CullResultWriter.ACTION, prepare(run, chunk, found), run.stopping)
  if not outcome then return nil, err end
  count(run.tally, outcome, found)
  return true
end

--- Writes judged photos: an array of { item, result }. `run` has the job's `id`, `settings`, `tally`, `ask` (calls
-- the daemon, through its restarts) and `stopping`. True, or nil and an error; then the rest of the photos is
-- counted as failed.
function CullResultWriter.write(run, judged)
  for first = 1, #judged, CatalogWriter.CHUNK do
    local chunk = { unpack(judged, first, math.min(first + CatalogWriter.CHUNK - 1, #judged)) }
    local ok, err = applyChunk(run, chunk)
    if not ok then
      for index = first, #judged do RunCounts.fail(run.tally, judged[index].item, err.message) end
      return nil, err
    end
    LrTasks.yield()
  end
  return true
end

return CullResultWriter
