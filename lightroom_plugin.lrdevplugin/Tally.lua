--[[ What a run did, counted: the numbers that its report shows, and the photos that its collections hold. Pure:
no host.
]]

local Tally = {}

local COUNTS = { keep = 'keep', reject = 'reject', cannot_tell = 'cannotTell' }

--- An empty tally of a run over `seen` photos.
function Tally.new(seen, skipped)
  return {
    seen = seen,
    keep = 0,
    reject = 0,
    cannotTell = 0,
    unreadable = {}, -- { name, message }
    leftAlone = 0, -- photos of which some mark was left as the photographer set it
    unchanged = 0, -- photos whose marks were as wanted already
    written = 0, -- photos whose marks were changed
    failed = {}, -- { name, message }: photos that could not be written
    reasons = {}, -- rejects by the code of their gravest reason
    skipped = skipped,
    photos = { keep = {}, reject = {}, cannot_tell = {}, reasons = {}, categories = {} },
  }
end

local function add(lists, name, photo)
  lists[name] = lists[name] or {}
  table.insert(lists[name], photo)
end

--- Counts one result; `item` is the photo's.
function Tally.add(tally, item, result)
  if not result.verdict then
    table.insert(tally.unreadable, { name = item.path, message = result.error.message })
    return
  end
  local count = COUNTS[result.verdict]
  tally[count] = tally[count] + 1
  add(tally.photos, result.verdict, item.photo)
  if result.category then add(tally.photos.categories, result.category, item.photo) end
  local gravest = result.reasons[1]
  if result.verdict == 'reject' and gravest then
    tally.reasons[gravest.code] = (tally.reasons[gravest.code] or 0) + 1
    add(tally.photos.reasons, gravest.code, item.photo)
  end
end

--- How many photos have a verdict.
function Tally.judged(tally)
  return tally.keep + tally.reject + tally.cannotTell
end

--- How many photos have a result, be it that they are unreadable.
function Tally.answered(tally)
  return Tally.judged(tally) + #tally.unreadable
end

--- How many photos were skipped.
function Tally.skipped(tally)
  local sum = 0
  for _, count in pairs(tally.skipped) do sum = sum + count end
  return sum
end

--- The reasons of the rejects, most frequent first: an array of { code, count }.
function Tally.byFrequency(reasons)
  local rows = {}
  for code, count in pairs(reasons) do rows[#rows + 1] = { code = code, count = count } end
  table.sort(rows, function(one, other)
    if one.count ~= other.count then return one.count > other.count end
    return one.code < other.code
  end)
  return rows
end

return Tally
