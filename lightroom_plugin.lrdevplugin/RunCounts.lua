--[[ The counts of a run: the numbers that its report shows, and the photos that its collections hold. Pure: no host.

A photo may have several results (judged alone first, then within its series), and be written each time: it is counted
once, under its last result.
]]

local PhotoErrors = require 'PhotoErrors'

local RunCounts = {}

local COUNTS = { keep = 'keep', reject = 'reject', cannot_tell = 'cannotTell' }

--- Returns an empty tally of a run over `total` photos.
function RunCounts.new(total, skipped)
  return {
    total = total,
    keep = 0,
    reject = 0,
    cannotTell = 0,
    unreadable = 0, -- photos without a verdict, listed by RunCounts.unreadable
    leftAlone = 0, -- photos with a mark that was left as the photographer set it
    unchanged = 0, -- photos that had the wanted marks already
    written = 0, -- photos whose marks were changed
    judgedBefore = 0, -- photos that kept an earlier verdict, since the run was not complete
    failed = 0, -- photos that could not be written, listed by RunCounts.failed
    reasons = {}, -- rejects by the code of their most severe reason
    skipped = skipped,
    beyond = 0, -- kept photos beyond the number to keep (`keepAbout`), which got no marks
    inStacks = 0, -- photos of collapsed stacks that were left out
    entries = {}, -- by the photo's id: its result and what was written
    order = {}, -- ids in the order of their first results
  }
end

local function countReason(reasons, code, by)
  local count = (reasons[code] or 0) + by
  reasons[code] = count > 0 and count or nil
end

local function count(tally, entry, by)
  local verdict = entry.verdict and COUNTS[entry.verdict] or 'unreadable'
  tally[verdict] = tally[verdict] + by
  if entry.verdict == 'reject' and entry.code then countReason(tally.reasons, entry.code, by) end
  if entry.write then tally[entry.write] = tally[entry.write] + by end
  if entry.leftAlone then tally.leftAlone = tally.leftAlone + by end
end

local function newEntry(tally, item)
  local entry = { item = item }
  tally.entries[item.id] = entry
  tally.order[#tally.order + 1] = item.id
  return entry
end

-- Changes a photo's entry and updates the counts.
local function change(tally, item, alter)
  local entry = tally.entries[item.id]
  if entry then count(tally, entry, -1) else entry = newEntry(tally, item) end
  alter(entry)
  count(tally, entry, 1)
end

local function seriesOf(result)
  local series = result.series
  return series and series.size > 1 and { id = series.id, kind = series.kind } or nil
end

--- Counts a result, in place of the photo's previous one; `item` is the photo's.
function RunCounts.add(tally, item, result)
  local gravest = result.verdict and result.reasons[1]
  change(tally, item, function(entry)
    entry.verdict, entry.category, entry.series = result.verdict, result.category, seriesOf(result)
    entry.code = gravest and gravest.code or nil
    entry.message = not result.verdict and PhotoErrors.message(result.error) or nil
  end)
end

--- Counts a photo with an invalid result as unreadable; a valid result before it still counts.
function RunCounts.addInvalid(tally, item, message)
  if tally.entries[item.id] then return end
  change(tally, item, function(entry) entry.message = message end)
end

--- Counts a photo as written: whether its marks were `changed`, and whether some were `leftAlone`.
function RunCounts.addWritten(tally, item, changed, leftAlone)
  change(tally, item, function(entry)
    local previous = entry.write == 'written' and 'written' or nil
    entry.write = changed and 'written' or previous or not leftAlone and 'unchanged' or nil
    entry.leftAlone, entry.failure = leftAlone, nil
  end)
end

--- Counts the kept photos `ids` that are beyond the number to keep, `most`.
function RunCounts.addBeyond(tally, most, ids)
  tally.keepAbout, tally.beyond = most, #ids
  for _, id in ipairs(ids) do tally.entries[id].isBeyond = true end
end

--- Counts a photo that keeps its earlier verdict and marks.
function RunCounts.addJudgedBefore(tally, item)
  change(tally, item, function(entry) entry.write = 'judgedBefore' end)
end

--- Counts a photo that could not be written, with the reason.
function RunCounts.addFailure(tally, item, message)
  change(tally, item, function(entry) entry.write, entry.failure = 'failed', message end)
end

-- Returns the values of `of(entry)` for each photo, in the order of the results, without nil and false.
local function collect(tally, of)
  local values = {}
  for _, id in ipairs(tally.order) do
    local value = of(tally.entries[id])
    if value then values[#values + 1] = value end
  end
  return values
end

--- Returns the photos without a verdict, an array of { name, message }.
function RunCounts.unreadable(tally)
  return collect(tally, function(entry)
    return entry.message and { name = entry.item.path, message = entry.message }
  end)
end

--- Returns the photos that could not be written, an array of { name, message }.
function RunCounts.failed(tally)
  return collect(tally, function(entry)
    return entry.failure and { name = entry.item.path, message = entry.failure }
  end)
end

--- Returns the photos with a verdict and, where `code` is passed, with that reason to reject; without those beyond the
-- number to keep.
function RunCounts.photos(tally, verdict, code)
  return collect(tally, function(entry)
    local matches = entry.verdict == verdict and (code == nil or entry.code == code)
    return matches and not entry.isBeyond and entry.item.photo
  end)
end

--- Returns the photos of each category, by the category's code.
function RunCounts.categories(tally)
  local lists = {}
  for _, id in ipairs(tally.order) do
    local entry = tally.entries[id]
    if entry.category then
      lists[entry.category] = lists[entry.category] or {}
      table.insert(lists[entry.category], entry.item.photo)
    end
  end
  return lists
end

--- Returns the series of more than one photo by kind, most frequent first: an array of { code = kind, count, photos }.
function RunCounts.series(tally)
  local kinds, counted = {}, {}
  for _, id in ipairs(tally.order) do
    local series = tally.entries[id].series
    if series then
      local kind = kinds[series.kind] or { count = 0, photos = 0 }
      kinds[series.kind] = kind
      kind.photos = kind.photos + 1
      if not counted[series.id] then kind.count = kind.count + 1 end
      counted[series.id] = true
    end
  end
  local counts = {}
  for code, kind in pairs(kinds) do counts[code] = kind.count end
  local rows = RunCounts.byFrequency(counts)
  for _, row in ipairs(rows) do row.photos = kinds[row.code].photos end
  return rows
end

--- Returns how many photos have a verdict.
function RunCounts.judged(tally)
  return tally.keep + tally.reject + tally.cannotTell
end

--- Returns how many photos have a result, including unreadable ones.
function RunCounts.answered(tally)
  return RunCounts.judged(tally) + tally.unreadable
end

--- Returns how many photos were skipped.
function RunCounts.skipped(tally)
  local sum = 0
  for _, number in pairs(tally.skipped) do sum = sum + number end
  return sum
end

--- Returns the counts by code, most frequent first: an array of { code, count }.
function RunCounts.byFrequency(counts)
  local rows = {}
  for code, number in pairs(counts) do rows[#rows + 1] = { code = code, count = number } end
  table.sort(rows, function(one, other)
    if one.count ~= other.count then return one.count > other.count end
    return one.code < other.code
  end)
  return rows
end

return RunCounts
