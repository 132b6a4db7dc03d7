--[[ What is written to one photo: from the daemon's result, the photo's marks now, and the settings. Pure: no
host.

Marks are tables { rating = 0 to 5 (0: no stars), label = a colour, 'none', or a text of the photographer's own,
flag = -1, 0 or 1 }. `written` holds those marks that an earlier auto-cull wrote and that were set.

A mark is ours while it is still what we wrote; every other mark that is set is the photographer's. A mark of ours
that she cleared is her decision too.

The policies are those of the settings, and "untouched", the import watch's: one mark of hers, and nothing is written.
]]

local CullPlan = {}

local MARKS = { 'rating', 'label', 'flag' }
local UNSET = { rating = 0, label = 'none', flag = 0 }
local SWITCH = { rating = 'writeRating', label = 'writeLabel', flag = 'writeFlag' }
local REJECTING = { label = 'red', flag = -1 }

CullPlan.MARKS = MARKS
CullPlan.UNSET = UNSET

-- Bytes of a label's text that the protocol takes.
CullPlan.LONGEST_LABEL = 500

local function isHers(mark, current, written)
  local ours = written[mark]
  if current[mark] == UNSET[mark] then return ours ~= nil and ours ~= UNSET[mark] end
  return current[mark] ~= ours
end

local function hers(current, written)
  local marks, any = {}, false
  for _, mark in ipairs(MARKS) do
    marks[mark] = isHers(mark, current, written)
    any = any or marks[mark]
  end
  return marks, any
end

--- Which marks are the photographer's: set, changed or cleared by her; a table of booleans by mark.
function CullPlan.hers(current)
  return (hers(current, current.written or {}))
end

-- Each policy says whether a mark may become `wanted`: `own` says that it is the photographer's, `any` that some mark
-- of the photo is.
local MAY = {
  respect = function(mark, wanted, own, any)
    if own then return false end
    return not (any and wanted == REJECTING[mark])
  end,
  fill = function(mark, _, own, _, current)
    return not own or current[mark] == UNSET[mark]
  end,
  untouched = function(_, _, _, any)
    return not any
  end,
  -- What the journal could not keep is not written over.
  overwrite = function(mark, _, _, _, current)
    return mark ~= 'label' or #current.label <= CullPlan.LONGEST_LABEL
  end,
}

local function wantedMarks(result, settings)
  local wanted = {}
  for _, mark in ipairs(MARKS) do
    if settings[SWITCH[mark]] then wanted[mark] = result[mark] or UNSET[mark] end
  end
  return wanted
end

-- Marks that we keep apart from hers at the next run: what is ours after this one, and what she cleared of ours. A
-- mark of hers that happens to be what we want stays hers.
local function nextWritten(mark, current, written, allowed, wanted, own)
  if allowed and not (own and current[mark] == wanted) then return wanted ~= UNSET[mark] and wanted or nil end
  local ours = written[mark]
  if ours ~= nil and (current[mark] == ours or current[mark] == UNSET[mark]) then return ours end
  return nil
end

--- The marks to write for a result: a table of those that change (empty where none does), how many marks were left
-- alone for the photographer's sake, and the marks that are ours afterwards.
-- `current` has the marks now and, where an earlier run left it, `written`.
function CullPlan.writes(result, current, settings)
  local written = current.written or {}
  local own, any = hers(current, written)
  local wanted = wantedMarks(result, settings)
  local writes, leftAlone, ours = {}, 0, {}
  for _, mark in ipairs(MARKS) do
    local want = wanted[mark]
    local allowed = want ~= nil and MAY[settings.policy](mark, want, own[mark], any, current)
    if want ~= nil and want ~= current[mark] then
      if allowed then writes[mark] = want else leftAlone = leftAlone + 1 end
    end
    ours[mark] = nextWritten(mark, current, written, allowed, want, own[mark])
  end
  return writes, leftAlone, ours
end

--- The marks before and after, of those marks alone that `writes` changes, as the journal keeps them.
function CullPlan.journalEntry(current, writes)
  local before, after = {}, {}
  for mark, value in pairs(writes) do
    before[mark], after[mark] = current[mark], value
  end
  return before, after
end

--- What undo writes: each mark that is still as the auto-cull left it becomes what it was before. Returns the
-- writes, and how many marks were changed since then and stay.
function CullPlan.undo(entry, current)
  local writes, changed = {}, 0
  for _, mark in ipairs(MARKS) do
    local before, after = entry.before[mark], entry.after[mark]
    if after ~= nil and after ~= before and current[mark] ~= before then
      if current[mark] == after then writes[mark] = before else changed = changed + 1 end
    end
  end
  return writes, changed
end

return CullPlan
