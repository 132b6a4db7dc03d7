--[[ catalog:findPhotos: its criteria by type, and the operations of each type.

An operation that the type does not know never returns in Lightroom; here it is a violation.
]]

local host = ...

local function set(text)
  local result = {}
  for word in text:gmatch '%S+' do result[word] = true end
  return result
end

local OPERATIONS = {
  number = set '== != > < >= <= in',
  date = set '== != > < inLast notInLast in today yesterday thisWeek thisMonth thisYear',
  string = set 'any all words noneOf beginsWith endsWith empty notEmpty == !=',
  enum = set '== !=',
  boolean = set 'isTrue isFalse',
}

local TYPES = {
  rating = 'number', pick = 'number', isoSpeedRating = 'number', labelColor = 'enum', fileFormat = 'enum',
  copyrightState = 'enum', developPreset = 'enum', treatment = 'enum', aspectRatio = 'enum',
  captureTime = 'date', touchTime = 'date', hasGPSData = 'boolean', hasAdjustments = 'boolean', cropped = 'boolean',
}
for name in pairs(set [[
  labelText folder collection all filename copyname metadata title caption keywords iptc exif camera cameraSN lens
  country state city location creator jobIdentifier allPluginMetadata
]]) do TYPES[name] = 'string' end

local UNITS = { hours = 3600, days = 86400, weeks = 7 * 86400, months = 30 * 86400, years = 365 * 86400 }
local LABELS = { 'red', 'yellow', 'green', 'blue', 'purple' }

local READ = {
  rating = function(photo) return photo.rating or 0 end,
  pick = function(photo) return photo.pickStatus or 0 end,
  captureTime = function(photo) return photo.captured end,
  touchTime = function(photo) return photo.touched end,
  fileFormat = function(photo) return photo.raw.fileFormat end,
  filename = function(photo) return photo.path:match '[^/\\]*$' end,
  folder = function(photo) return photo.path end,
  labelText = function(photo) return photo.label end,
  isoSpeedRating = function(photo) return photo.raw.isoSpeedRating or 0 end,
  labelColor = function(photo)
    for number, name in ipairs(LABELS) do
      if host.colour(photo.label) == name then return number end
    end
    return photo.label == '' and 'none' or 'custom'
  end,
}

local COMPARE = {
  ['=='] = function(value, wanted) return value == wanted end,
  ['!='] = function(value, wanted) return value ~= wanted end,
  ['>'] = function(value, wanted) return value > wanted end,
  ['<'] = function(value, wanted) return value < wanted end,
  ['>='] = function(value, wanted) return value >= wanted end,
  ['<='] = function(value, wanted) return value <= wanted end,
  ['in'] = function(value, wanted, last) return value >= wanted and value <= last end,
  any = function(value, wanted) return value:lower():find(wanted:lower(), 1, true) ~= nil end,
  noneOf = function(value, wanted) return value:lower():find(wanted:lower(), 1, true) == nil end,
  beginsWith = function(value, wanted) return value:sub(1, #wanted) == wanted end,
  endsWith = function(value, wanted) return wanted == '' or value:sub(-#wanted) == wanted end,
  empty = function(value) return value == '' end,
  notEmpty = function(value) return value ~= '' end,
}

local function within(criterion)
  local unit = UNITS[criterion.value_units]
  if not unit then host.violation('value_units "' .. tostring(criterion.value_units) .. '": the search would hang') end
  local span = host.expect('the value of inLast', criterion.value, 'number') * unit
  return function(value) return value ~= nil and value >= host.date() - span end
end

-- "2026-05-01" or "2026-05-01T10:00:00"; any other text silently matches nothing.
local function moment(text)
  local year, month, day, rest = tostring(text):match '^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$'
  local hour, minute, second = (rest or ''):match '^T(%d%d):(%d%d):(%d%d)$'
  if not year or (rest ~= '' and not hour) then return nil end
  return host.dateOf(year, month, day, hour or 0, minute or 0, second or 0)
end

local function dateTest(criterion)
  local operation = criterion.operation
  if operation == 'inLast' then return within(criterion) end
  if operation == 'notInLast' then
    local recent = within(criterion)
    return function(value) return not recent(value) end
  end
  if not COMPARE[operation] then host.violation('the stand-in does not model the operation ' .. operation) end
  local first, last = moment(criterion.value), moment(criterion.value2)
  return function(value)
    if not first or not value or (operation == 'in' and not last) then return false end
    return COMPARE[operation](value, first, last)
  end
end

local function typeOf(criteria)
  local id, field = tostring(criteria):match '^sdktext:(.+)%.([%w*]+)$'
  if not id then id, field = tostring(criteria):match '^sdk:(.+)%.(%w+)$' end
  if id then
    local declared = host.fields[field]
    if not host.isOwnPlugin(id) or not (declared and declared.searchable) then
      host.violation('the field of ' .. criteria .. ' is not declared as searchable: the search would hang')
    end
    return 'string', function(photo) return photo.fields[field] or '' end
  end
  if not TYPES[criteria] then
    host.violation('"' .. tostring(criteria) .. '" is no criterion of findPhotos: the search would hang')
  end
  return TYPES[criteria], READ[criteria]
end

local function single(criterion)
  local kind, read = typeOf(criterion.criteria)
  if not OPERATIONS[kind][criterion.operation] then
    host.violation('the operation "' .. tostring(criterion.operation) .. '" is none for ' .. criterion.criteria .. ' ('
      .. kind .. '): the search would hang')
  end
  -- Exact comparison is for items with an exact match: the search for a plug-in's text by it may never return.
  if tostring(criterion.criteria):find('^sdktext:') and criterion.operation == '==' then
    host.violation('"==" on ' .. criterion.criteria .. ': the search would hang')
  end
  if not read then host.violation('the stand-in does not model a search for ' .. criterion.criteria) end
  local test
  if kind == 'date' then
    test = dateTest(criterion)
  else
    local compare = COMPARE[criterion.operation]
    if not compare then host.violation('the stand-in does not model the operation ' .. criterion.operation) end
    test = function(value) return compare(value, criterion.value, criterion.value2) end
  end
  return function(photo) return test(read(photo)) end
end

local combine -- of an array of criteria

local function test(description)
  host.expect('a search criterion', description, 'table')
  if description.criteria then return single(description) end
  return combine(description)
end

local COMBINE = {
  union = function(result, count) return result > 0 and count > 0 end,
  intersect = function(result, count) return result == count end,
  exclude = function(result) return result == 0 end,
}

combine = function(description)
  local join = COMBINE[description.combine or 'intersect']
  if not join then host.violation('combine "' .. tostring(description.combine) .. '": the search would hang') end
  local tests = {}
  for index, each in ipairs(description) do tests[index] = test(each) end
  return function(photo)
    local result = 0
    for _, each in ipairs(tests) do
      if each(photo) then result = result + 1 end
    end
    return join(result, #tests)
  end
end

local ORDER = {
  captureTime = function(photo) return photo.captured or 0 end,
  fileName = function(photo) return photo.path:match '[^/\\]*$' end,
  extension = function(photo) return photo.path:match '[^.]*$' end,
}

--- Returns a test for one photo and the sort order, from the arguments of findPhotos.
function host.search(arguments)
  for name in pairs(arguments) do
    if name ~= 'searchDesc' and name ~= 'sort' and name ~= 'ascending' then
      host.violation('findPhotos has no argument "' .. tostring(name) .. '"')
    end
  end
  local key = ORDER[arguments.sort or 'captureTime']
  if not key then host.violation('findPhotos cannot sort by ' .. tostring(arguments.sort)) end
  return test(arguments.searchDesc), function(one, other)
    if key(one) == key(other) then return one.id < other.id end
    if arguments.ascending then return key(one) < key(other) end
    return key(one) > key(other)
  end
end
