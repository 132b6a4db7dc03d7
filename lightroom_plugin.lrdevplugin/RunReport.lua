--[[ The report at the end of a run: the counts, the files that could not be read, and the errors. ]]

local LrDialogs = import 'LrDialogs'
local LrPathUtils = import 'LrPathUtils'

local LastReport = require 'LastReport'
local Log = require 'Log'
local ReasonTexts = require 'ReasonTexts'
local RunCounts = require 'RunCounts'

local RunReport = {}

local MOST_NAMES = 10
local MOST_REASONS = 5

local function add(lines, line)
  lines[#lines + 1] = line
end

local function addCount(lines, count, line)
  if count > 0 then add(lines, line) end
end

--- Returns the most frequent reasons of the rejects: "27 of 30 rejects come from closed eyes".
function RunReport.reasonLines(tally)
  local lines = {}
  for index, row in ipairs(RunCounts.byFrequency(tally.reasons)) do
    if index > MOST_REASONS then break end
    lines[index] = ReasonTexts.share(row.code, row.count, tally.reject)
  end
  return lines
end

-- "4 bursts of 12 photos", a line for each kind of series.
local function seriesLines(tally)
  local lines = {}
  for index, row in ipairs(RunCounts.series(tally)) do
    lines[index] = ReasonTexts.seriesCount(row.code, row.count, row.photos)
  end
  return lines
end

local function skippedLines(skipped, lines)
  addCount(lines, skipped.videos, LOC('$$$/Autocull/Report/Videos=^1 videos skipped', tostring(skipped.videos)))
  addCount(lines, skipped.copies, LOC('$$$/Autocull/Report/Copies=^1 virtual copies skipped', tostring(skipped.copies)))
  addCount(
    lines, skipped.missing,
    LOC('$$$/Autocull/Report/Missing=^1 skipped: no file and no preview', tostring(skipped.missing))
  )
  addCount(
    lines, skipped.paths,
    LOC('$$$/Autocull/Report/Paths=^1 skipped: their path is no valid text, see the log', tostring(skipped.paths))
  )
  addCount(
    lines, skipped.vanished,
    LOC('$$$/Autocull/Report/Vanished=^1 skipped: no longer in the catalog', tostring(skipped.vanished))
  )
end

-- Adds the first files by name; all of them go to the log.
local function nameLines(heading, failures, lines)
  if #failures == 0 then return end
  add(lines, LOC('$$$/Autocull/Report/Heading=^1 ^2:', tostring(#failures), heading))
  for index, failure in ipairs(failures) do
    Log.info(heading .. ': ' .. failure.name .. ': ' .. failure.message)
    if index <= MOST_NAMES then add(lines, '   ' .. LrPathUtils.leafName(failure.name) .. ': ' .. failure.message) end
  end
  if #failures > MOST_NAMES then
    add(lines, LOC('$$$/Autocull/Report/More=   and ^1 more: see ^2', tostring(#failures - MOST_NAMES), Log.path()))
  end
end

local function writtenLines(tally, lines)
  local most = tostring(tally.keepAbout)
  add(lines, LOC('$$$/Autocull/Report/Written=Marks written to ^1 photos', tostring(tally.written)))
  addCount(
    lines, tally.leftAlone,
    LOC('$$$/Autocull/Report/LeftAlone=Your own marks were left alone on ^1 photos', tostring(tally.leftAlone))
  )
  addCount(
    lines, tally.beyond,
    LOC('$$$/Autocull/Report/Beyond=^1 kept photos got no marks: you wanted about ^2', tostring(tally.beyond), most)
  )
  addCount(
    lines, tally.unchanged,
    LOC('$$$/Autocull/Report/Unchanged=^1 photos had these marks already', tostring(tally.unchanged))
  )
  addCount(
    lines, tally.judgedBefore,
    LOC('$$$/Autocull/Report/JudgedBefore=^1 photos keep their earlier verdict', tostring(tally.judgedBefore))
  )
end

--- Returns the lines on verdicts, reasons and series of a tally, without what was written.
function RunReport.verdictLines(tally)
  local lines = {
    LOC('$$$/Autocull/Report/Judged=^1 of ^2 photos judged', tostring(RunCounts.judged(tally)), tostring(tally.total)),
    ReasonTexts.counts(tally),
  }
  for _, line in ipairs(RunReport.reasonLines(tally)) do add(lines, line) end
  for _, line in ipairs(seriesLines(tally)) do add(lines, line) end
  return lines
end

--- Returns the lines on photos that were not judged: skipped ones, and unreadable ones by name.
function RunReport.leftOutLines(tally)
  local lines = {}
  skippedLines(tally.skipped, lines)
  addCount(
    lines, tally.inStacks,
    LOC('$$$/Autocull/Report/InStacks=^1 photos in collapsed stacks were left out', tostring(tally.inStacks))
  )
  nameLines(LOC '$$$/Autocull/Report/Unreadable=could not be read', RunCounts.unreadable(tally), lines)
  return lines
end

--- Returns the full text of a run that wrote; `problems` is an array of errors, which may be empty.
function RunReport.text(tally, problems)
  local lines = RunReport.verdictLines(tally)
  writtenLines(tally, lines)
  for _, line in ipairs(RunReport.leftOutLines(tally)) do add(lines, line) end
  nameLines(LOC '$$$/Autocull/Report/Failed=could not be written', RunCounts.failed(tally), lines)
  for _, err in ipairs(problems) do
    add(lines, err.message)
    if err.hint then add(lines, err.hint) end
  end
  return table.concat(lines, '\n')
end

-- The outcome in one line, for a bezel.
local function outcome(tally, heading, isFine)
  local line = LOC('$$$/Autocull/Report/Outcome=^1: ^2', heading, ReasonTexts.counts(tally))
  if isFine then return line end
  return LOC('$$$/Autocull/Report/OutcomeMore=^1. More in Show last report', line)
end

local function title(tally, problems)
  if tally.cancelled then return LOC '$$$/Autocull/Report/Cancelled=Auto-cull was cancelled: what was done is kept' end
  if #problems > 0 or tally.failed > 0 then return LOC '$$$/Autocull/Report/Incomplete=Auto-cull is not complete' end
  return LOC '$$$/Autocull/Report/Done=Auto-cull is done'
end

--- Stores the report of a run that wrote, and shows its outcome as a bezel.
function RunReport.close(tally, problems)
  local isFine = #problems == 0 and tally.failed == 0 and tally.unreadable == 0
  local heading, text = title(tally, problems), RunReport.text(tally, problems)
  Log.info(heading)
  LastReport.close(outcome(tally, heading, isFine), heading, text, isFine and 'info' or 'warning')
end

--- Stores an error and its hint as the last report, and shows the error as a bezel.
function RunReport.closeFailure(err)
  Log.warn(err.message)
  local line = LOC('$$$/Autocull/Report/OutcomeMore=^1. More in Show last report', (err.message:gsub('%.$', '')))
  LastReport.close(line, err.message, err.hint or '', 'warning')
end

--- Shows an error and its hint.
function RunReport.showFailure(err)
  Log.warn(err.message)
  LrDialogs.message(err.message, err.hint, 'warning')
end

return RunReport
