--[[ The plug-in's settings: each has a name, a default and a check, and is stored in Lightroom's preferences.

Settings.all() returns every setting as a plain table. For a stored value that fails its check (a later version wrote
it, or it was edited) the default is used, and Settings.problems() lists it.
]]

local LrPrefs = import 'LrPrefs'

local Strictness = require 'Strictness'

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
  -- NaN fails both comparisons, so it is refused too.
  return type(value) == 'number' and value >= low and value <= high and (not whole or value % 1 == 0)
end

local function isCount(value)
  if isNumber(value, 1, MOST_PHOTOS, true) then return true end
  return false, LOC('$$$/Autocull/Settings/Count=must be a whole number from 1 to ^1', tostring(MOST_PHOTOS))
end

local function isStep(value)
  local most = Strictness.MOST
  if isNumber(value, -most, most, true) then return true end
  return false, LOC('$$$/Autocull/Settings/Step=must be a whole number from -^1 to ^1', tostring(most))
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
  local keys = {}
  for _, row in ipairs(rows) do
    local fault = rowFault(row)
    if fault then return fault end
    local key = row.verdict .. ' ' .. tostring(row.score)
    if keys[key] then
      return LOC '$$$/Autocull/Settings/RowTwice=two rows of one verdict have the same score'
    end
    keys[key] = true
  end
  for _, verdict in ipairs(Settings.VERDICTS) do
    if not keys[verdict .. ' 0'] then
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

-- The daemon checks whether the taste exists and whether its name is allowed as a file name.
local function isTaste(value)
  if type(value) == 'string' and #value <= MOST_NAME and not value:find '[%c/\\]' then return true end
  local most = tostring(MOST_NAME)
  return false, LOC('$$$/Autocull/Settings/TasteName=must be a name of at most ^1 letters, or empty', most)
end

local TITLE = {
  profile = LOC '$$$/Autocull/Settings/Profile=Kind of shoot',
  taste = LOC '$$$/Autocull/Settings/Taste=My own taste (empty: none)',
  strictness = LOC '$$$/Autocull/Settings/Strictness=Strictness',
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

-- The order is that of the documentation and of the self-test's report. The default of `marks` is nil: the daemon's own
-- table applies then, so that the two cannot differ.
local DEFINITIONS = {
  { name = 'profile', default = 'balanced', check = isOneOf(Settings.PROFILES) },
  { name = 'taste', default = '', check = isTaste },
  { name = 'strictness', default = 0, check = isStep },
  { name = 'policy', default = 'respect', check = isOneOf(Settings.POLICIES) },
  { name = 'writeRating', default = true, check = isSwitch },
  { name = 'writeLabel', default = true, check = isSwitch },
  { name = 'writeFlag', default = true, check = isSwitch },
  { name = 'marks', default = nil, check = isMarks },
  { name = 'markCopies', default = false, check = isSwitch },
  { name = 'collections', default = false, check = isSwitch },
  { name = 'keywords', default = false, check = isSwitch },
  { name = 'confirmAbove', default = 2000, check = isCount },
  { name = 'watchImports', default = false, check = isSwitch },
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
  if value == nil then return definition.default, nil end
  local ok, why = definition.check(value)
  if not ok then return definition.default, why end
  return copyOf(value), nil
end

--- Returns the names of all settings, in their documented order.
function Settings.names()
  local names = {}
  for index, definition in ipairs(DEFINITIONS) do
    names[index] = definition.name
  end
  return names
end

--- Returns the title of a setting in the dialog.
function Settings.title(name)
  return TITLE[name]
end

--- Returns every setting by name, as a table that the caller may change; `marks` is nil where the daemon's applies.
function Settings.all()
  local values = {}
  for _, definition in ipairs(DEFINITIONS) do
    values[definition.name] = stored(definition)
  end
  return values
end

--- Returns the default of every setting.
function Settings.defaults()
  local values = {}
  for _, definition in ipairs(DEFINITIONS) do
    values[definition.name] = definition.default
  end
  return values
end

--- Returns the stored values that are not used because they fail their check: a table of reasons by name.
function Settings.problems()
  local problems = {}
  for _, definition in ipairs(DEFINITIONS) do
    local _, why = stored(definition)
    problems[definition.name] = why
  end
  return problems
end

--- Returns true where `value` is valid for the setting `name`; else nil and an error with what is accepted.
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

--- Stores one setting. Returns true, or nil and an error, and then nothing has changed.
function Settings.set(name, value)
  local ok, err = Settings.check(name, value)
  if not ok then return nil, err end
  -- Preferences save an assignment, but not a change inside a table: a copy is assigned.
  LrPrefs.prefsForPlugin()[name] = copyOf(value)
  return true
end

--- Stores all of `values` (every setting by name; `marks` may be nil), or none of them where one is invalid.
function Settings.save(values)
  for name in pairs(values) do
    local valid, err = Settings.check(name, values[name])
    if not valid then return nil, err end
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
