--[[ The plug-in's settings: each has a name, a factory value and a check, and is kept in Lightroom's preferences.

Settings.all() gives every setting as a plain table. A stored value that no longer passes its check (a later
version wrote it, somebody edited it) counts as its factory value, and Settings.problems() names it.
]]

local LrPrefs = import 'LrPrefs'

local Settings = {}

Settings.PROFILES = { 'balanced', 'portrait', 'event', 'landscape', 'sports', 'product' }
Settings.POLICIES = { 'respect', 'fill', 'overwrite' }
Settings.VERDICTS = { 'keep', 'cannot_tell', 'reject' }
Settings.LABELS = { 'none', 'red', 'yellow', 'green', 'blue', 'purple' }

local MOST_ROWS = 20
local MOST_PHOTOS = 100000

local function isOneOf(choices)
  return function(value)
    for _, choice in ipairs(choices) do
      if value == choice then return true end
    end
    return false, LOC('$$$/Autocull/Settings/OneOf=must be one of ^1', table.concat(choices, ', '))
  end
end

local function isSwitch(value)
  if type(value) == 'boolean' then return true end
  return false, LOC '$$$/Autocull/Settings/OnOff=must be on or off'
end

local function isNumber(value, low, high, whole)
  -- NaN fails both comparisons, so it is refused without a test of its own.
  return type(value) == 'number' and value >= low and value <= high and (not whole or value % 1 == 0)
end

local function isCount(value)
  if isNumber(value, 1, MOST_PHOTOS, true) then return true end
  return false, LOC('$$$/Autocull/Settings/Count=must be a whole number from 1 to ^1', tostring(MOST_PHOTOS))
end

local isVerdict = isOneOf(Settings.VERDICTS)
local isLabel = isOneOf(Settings.LABELS)

local function rowFault(row)
  if type(row) ~= 'table' or not isVerdict(row.verdict) then
    return LOC '$$$/Autocull/Settings/RowVerdict=each row needs a verdict: keep, cannot_tell or reject'
  end
  if not isNumber(row.score, 0, 1) then
    return LOC '$$$/Autocull/Settings/RowScore=a score must be a number from 0 to 1'
  end
  if not isNumber(row.stars, 0, 5, true) then
    return LOC '$$$/Autocull/Settings/RowStars=stars must be a whole number from 0 to 5'
  end
  if not isLabel(row.label) then
    return LOC('$$$/Autocull/Settings/RowLabel=a label must be one of ^1', table.concat(Settings.LABELS, ', '))
  end
  if not isNumber(row.flag, -1, 1, true) then
    return LOC '$$$/Autocull/Settings/RowFlag=a flag must be -1 (rejected), 0 (none) or 1 (picked)'
  end
  return nil
end

local function tableFault(rows)
  local seen = {}
  for _, row in ipairs(rows) do
    local fault = rowFault(row)
    if fault then return fault end
    local key = row.verdict .. ' ' .. tostring(row.score)
    if seen[key] then
      return LOC '$$$/Autocull/Settings/RowTwice=two rows of one verdict have the same score'
    end
    seen[key] = true
  end
  for _, verdict in ipairs(Settings.VERDICTS) do
    if not seen[verdict .. ' 0'] then
      return LOC('$$$/Autocull/Settings/RowZero=^1 needs a row with score 0', verdict)
    end
  end
  return nil
end

local function isMarks(value)
  if value == nil then return true end
  if type(value) ~= 'table' or #value < 1 or #value > MOST_ROWS then
    return false, LOC('$$$/Autocull/Settings/Rows=must be a table of 3 to ^1 rows', tostring(MOST_ROWS))
  end
  local fault = tableFault(value)
  return fault == nil, fault
end

local MOST_NAME = 40

-- Which names there are, and which a file may bear, is the daemon's to say.
local function isTaste(value)
  if type(value) == 'string' and #value <= MOST_NAME and not value:find '[%c/\\]' then return true end
  local most = tostring(MOST_NAME)
  return false, LOC('$$$/Autocull/Settings/TasteName=must be a name of at most ^1 letters, or empty', most)
end

local TITLE = {
  profile = LOC '$$$/Autocull/Settings/Profile=Kind of shoot',
  taste = LOC '$$$/Autocull/Settings/Taste=My own taste (empty: none)',
  policy = LOC '$$$/Autocull/Settings/Policy=Marks that are set already',
  writeRating = LOC '$$$/Autocull/Settings/WriteRating=Write stars',
  writeLabel = LOC '$$$/Autocull/Settings/WriteLabel=Write colour labels',
  writeFlag = LOC '$$$/Autocull/Settings/WriteFlag=Write flags',
  marks = LOC '$$$/Autocull/Settings/OwnMarks=Use my own marks',
  markCopies = LOC '$$$/Autocull/Settings/MarkCopies=Mark virtual copies too',
  collections = LOC '$$$/Autocull/Settings/Collections=Make collections for each run',
  keywords = LOC '$$$/Autocull/Settings/Keywords=Add category keywords, under one parent',
  confirmAbove = LOC '$$$/Autocull/Settings/ConfirmAbove=Ask before more photos than',
  watchImports = LOC '$$$/Autocull/Settings/WatchImports=Flag new imports automatically',
}

-- The order is that of the documentation and of the self-test's report. `marks` is nil in the factory: the
-- daemon's own table then holds, so that the two cannot drift apart.
local DEFINITIONS = {
  { name = 'profile', factory = 'balanced', check = isOneOf(Settings.PROFILES) },
  { name = 'taste', factory = '', check = isTaste },
  { name = 'policy', factory = 'respect', check = isOneOf(Settings.POLICIES) },
  { name = 'writeRating', factory = true, check = isSwitch },
  { name = 'writeLabel', factory = true, check = isSwitch },
  { name = 'writeFlag', factory = true, check = isSwitch },
  { name = 'marks', factory = nil, check = isMarks },
  { name = 'markCopies', factory = false, check = isSwitch },
  { name = 'collections', factory = false, check = isSwitch },
  { name = 'keywords', factory = false, check = isSwitch },
  { name = 'confirmAbove', factory = 2000, check = isCount },
  { name = 'watchImports', factory = false, check = isSwitch },
}

local BY_NAME = {}
for _, definition in ipairs(DEFINITIONS) do
  BY_NAME[definition.name] = definition
end

local function refused(code, message)
  return nil, { kind = 'plugin', code = code, message = message }
end

local function copyOf(value)
  if type(value) ~= 'table' then return value end
  local copy = {}
  for key, each in pairs(value) do
    copy[key] = copyOf(each)
  end
  return copy
end

local function stored(definition)
  local value = LrPrefs.prefsForPlugin()[definition.name]
  if value == nil then return definition.factory, nil end
  local ok, why = definition.check(value)
  if not ok then return definition.factory, why end
  return copyOf(value), nil
end

--- The names of all settings, in their documented order.
function Settings.names()
  local names = {}
  for index, definition in ipairs(DEFINITIONS) do
    names[index] = definition.name
  end
  return names
end

--- What a setting is called in the dialog.
function Settings.title(name)
  return TITLE[name]
end

--- Every setting by name, as a table that the caller may keep and change; `marks` is nil where the daemon's holds.
function Settings.all()
  local values = {}
  for _, definition in ipairs(DEFINITIONS) do
    values[definition.name] = stored(definition)
  end
  return values
end

--- The settings as they come from the factory.
function Settings.factory()
  local values = {}
  for _, definition in ipairs(DEFINITIONS) do
    values[definition.name] = definition.factory
  end
  return values
end

--- The stored values that are not in use because they fail their check: a table of reason by name.
function Settings.problems()
  local problems = {}
  for _, definition in ipairs(DEFINITIONS) do
    local _, why = stored(definition)
    problems[definition.name] = why
  end
  return problems
end

--- True where `value` may be stored under `name`; else nil and an error that says what is accepted.
function Settings.check(name, value)
  local definition = BY_NAME[name]
  if not definition then
    return refused('unknown_setting', LOC('$$$/Autocull/Settings/Unknown=There is no setting ^1.', tostring(name)))
  end
  local ok, why = definition.check(value)
  if not ok then
    return refused('bad_setting', LOC('$$$/Autocull/Settings/Bad=^1: ^2.', TITLE[name], why))
  end
  return true
end

--- Stores one setting; true, or nil and an error, and then nothing has changed.
function Settings.set(name, value)
  local ok, err = Settings.check(name, value)
  if not ok then return nil, err end
  -- Preferences notice an assignment, never a change inside a table: a fresh copy is assigned.
  LrPrefs.prefsForPlugin()[name] = copyOf(value)
  return true
end

--- Stores all of `values` (every setting by name; `marks` may be nil), or, where one is refused, none of them.
function Settings.save(values)
  for name in pairs(values) do
    local known, err = Settings.check(name, values[name])
    if not known then return nil, err end
  end
  for _, definition in ipairs(DEFINITIONS) do
    local ok, err = Settings.check(definition.name, values[definition.name])
    if not ok then return nil, err end
  end
  for _, definition in ipairs(DEFINITIONS) do
    Settings.set(definition.name, values[definition.name])
  end
  return true
end

return Settings
