--[[ Which marks are written to one photo: from the daemon's result, the photo's marks now, and the settings. Pure:
no host.

Marks are tables { rating = 0 to 5 (0: no stars), label = a colour, 'none', or a text of the photographer's own,
flag = -1, 0 or 1 }. `written` holds the marks that an earlier auto-cull wrote, without those that are not set.

A mark is Autocull's while it is still as Autocull wrote it; every other mark that is set was set by the
photographer. Clearing a mark of Autocull's is a decision of the photographer too.

The policies are those of the settings, and "untouched" of the import watch: it writes nothing to a photo with a mark
that the photographer set.
]]

local Json = require 'Json'

local CullPlan = {}

local MARKS = { 'rating', 'label', 'flag' }
local UNSET = { rating = 0, label = 'none', flag = 0 }
local SWITCH = { rating = 'writeRating', label = 'writeLabel', flag = 'writeFlag' }
local REJECTING = { label = 'red', flag = -1 }
local COLOURS = { red = true, yellow = true, green = true, blue = true, purple = true }

CullPlan.MARKS = MARKS
CullPlan.UNSET = UNSET
CullPlan.COLOURS = COLOURS

-- The longest label that the protocol accepts, in bytes.
CullPlan.LONGEST_LABEL = 500

-- Whether an auto-cull writes such a value.
local IS_WRITABLE = {
  rating = function(value) return type(value) == 'number' and value >= 1 and value <= 5 and value % 1 == 0 end,
  label = function(value) return COLOURS[value] == true end,
  flag = function(value) return value == -1 or value == 1 end,
}

--- Returns the marks that an earlier auto-cull wrote, from the text of the photo's field `written`; nil where there are
-- none. Where the text is not valid JSON, and for values that no auto-cull writes, the marks are the photographer's.
function CullPlan.parseWritten(text)
  local decoded, written = type(text) == 'string' and Json.decode(text), {}
  if type(decoded) ~= 'table' then return nil end
  for _, mark in ipairs(MARKS) do
    if IS_WRITABLE[mark](decoded[mark]) then written[mark] = decoded[mark] end
  end
  if written.label and type(decoded.labelText) == 'string' then written.labelText = decoded.labelText end
  if type(decoded.previous) == 'table' then written.previous = decoded.previous end
  return next(written) ~= nil and written or nil
end

-- Whether a mark is set to `value`, a label by its text or its colour.
local function isSet(mark, value, current)
  return current[mark] == value or (mark == 'label' and value ~= nil and value ~= '' and value == current.labelText)
end

-- Whether a mark is as an auto-cull wrote it. The text of a label decides, which has no colour once the photographer
-- switched the label set; earlier versions noted the colour only.
local function isOwn(mark, current, written)
  if mark == 'label' and written.labelText then return written.labelText == current.labelText end
  return current[mark] == written[mark]
end

--- Returns whether an auto-cull wrote any of the photo's marks.
function CullPlan.hasWritten(current)
  for _, mark in ipairs(MARKS) do
    if current.written and current.written[mark] ~= nil then return true end
  end
  return false
end

local function isUserSet(mark, current, written)
  local own = written[mark]
  if current[mark] == UNSET[mark] then return own ~= nil and own ~= UNSET[mark] end
  return not isOwn(mark, current, written)
end

local function userSetMarks(current, written)
  local marks, any = {}, false
  for _, mark in ipairs(MARKS) do
    marks[mark] = isUserSet(mark, current, written)
    any = any or marks[mark]
  end
  return marks, any
end

--- Returns which marks the photographer set, changed or cleared: a table of booleans by mark.
function CullPlan.userSet(current)
  return (userSetMarks(current, current.written or {}))
end

-- Each policy returns whether a mark may become `wanted`. `userSet`: whether the photographer set this mark;
-- `anyUserSet`: whether the photographer set any mark of the photo.
local ALLOWS = {
  respect = function(mark, wanted, userSet, anyUserSet)
    if userSet then return false end
    return not (anyUserSet and wanted == REJECTING[mark])
  end,
  fill = function(mark, _, userSet, _, current)
    return not userSet or current[mark] == UNSET[mark]
  end,
  untouched = function(_, _, _, anyUserSet)
    return not anyUserSet
  end,
  -- What the journal does not accept is not overwritten, since it could not be restored: a label that is too long or
  -- not UTF-8, and ratings of other programs, such as -1.
  overwrite = function(mark, _, _, _, current)
    if mark == 'label' then return #current.label <= CullPlan.LONGEST_LABEL and Json.isUtf8(current.label) end
    if mark == 'rating' then return current.rating >= 0 and current.rating <= 5 and current.rating % 1 == 0 end
    return true
  end,
}

local function wantedMarks(result, settings)
  local wanted = {}
  for _, mark in ipairs(MARKS) do
    if settings[SWITCH[mark]] then wanted[mark] = result[mark] or UNSET[mark] end
  end
  return wanted
end

-- The value to store in `written` for the next run: the mark that Autocull wrote, also where the photographer cleared
-- it. A mark that the photographer set stays the photographer's, even where it equals the wanted one.
local function nextWritten(mark, current, written, allowed, wanted, userSet)
  if allowed and not (userSet and current[mark] == wanted) then return wanted ~= UNSET[mark] and wanted or nil end
  local own = written[mark]
  if own ~= nil and (isOwn(mark, current, written) or current[mark] == UNSET[mark]) then return own end
  return nil
end

-- The text of the label in `newWritten`: of the label set in use where it is written now, else as it was noted.
local function labelTextOf(newWritten, written, writes, texts)
  if newWritten.label == nil then return nil end
  if newWritten.label == written.label and writes.label == nil then return written.labelText end
  return texts and texts[newWritten.label]
end

--- Returns the marks to write for a result: a table of those that change (may be empty), how many marks were left
-- alone because the photographer set them, and the new value of `written`.
-- `current` has the marks now, the label's text (`labelText`) and, after an earlier run, `written`; `texts` the text of
-- each colour in the label set in use.
function CullPlan.writes(result, current, settings, texts)
  local written = current.written or {}
  local userSet, anyUserSet = userSetMarks(current, written)
  local wanted = wantedMarks(result, settings)
  local writes, leftAlone, newWritten = {}, 0, {}
  for _, mark in ipairs(MARKS) do
    local value = wanted[mark]
    local allowed = value ~= nil and ALLOWS[settings.policy](mark, value, userSet[mark], anyUserSet, current)
    if value ~= nil and value ~= current[mark] then
      if allowed then writes[mark] = value else leftAlone = leftAlone + 1 end
    end
    newWritten[mark] = nextWritten(mark, current, written, allowed, value, userSet[mark])
  end
  newWritten.labelText = labelTextOf(newWritten, written, writes, texts)
  return writes, leftAlone, newWritten
end

--- Returns the marks before and after, only those that `writes` changes, as the journal keeps them: labels as texts.
function CullPlan.journalEntry(current, writes, texts)
  local before, after = {}, {}
  for mark, value in pairs(writes) do
    before[mark], after[mark] = current[mark], value
  end
  after.label = texts and texts[after.label] or after.label
  if before.label and (current.labelText or '') ~= '' then before.label = current.labelText end
  return before, after
end

-- How many runs in a row can be undone with the knowledge of who wrote each mark.
local MOST_PREVIOUS = 5

local function withoutOldest(written, depth)
  local previous = written.previous
  if previous and depth == 0 then written.previous = nil end
  if previous and type(previous.written) == 'table' then withoutOldest(previous.written, depth - 1) end
  return written
end

--- Returns `written` with what was in its place before run `run`, for the undo of that run.
function CullPlan.withPrevious(written, current, run)
  local previous = current.written and current.written.previous
  if not previous or previous.run ~= run then previous = { run = run, written = current.written or {} } end
  written.previous = previous
  return withoutOldest(written, MOST_PREVIOUS)
end

--- Returns the marks that undo writes (each mark that is still as the auto-cull wrote it gets its old value back), and
-- how many marks were changed since then and stay.
function CullPlan.undo(entry, current)
  local writes, changed = {}, 0
  for _, mark in ipairs(MARKS) do
    local before, after = entry.before[mark], entry.after[mark]
    if after ~= nil and after ~= before and not isSet(mark, before, current) then
      if isSet(mark, after, current) then writes[mark] = before else changed = changed + 1 end
    end
  end
  return writes, changed
end

--- Returns the `written` that the undo of `run` restores: of each mark that it writes, and of each that the run did not
-- write, as it was before the run; of the others, which were changed since, as it is.
function CullPlan.undoneWritten(entry, current, writes, run)
  local own = current.written or {}
  local previous = own.previous and own.previous.run == run and own.previous.written or {}
  local restored = { previous = previous.previous }
  for _, mark in ipairs(MARKS) do
    local source = (writes[mark] ~= nil or entry.after[mark] == nil) and previous or own
    restored[mark] = source[mark]
    if mark == 'label' then restored.labelText = source.labelText end
  end
  return restored
end

return CullPlan
