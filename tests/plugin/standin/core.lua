--[[ The base of all objects of the stand-in: they have the members of SDK 14 and no others.

`host` is the table that the files of the stand-in share with each other and with host.py. An error that a plug-in may
expect and catch is raised; what no plug-in may ever do is a violation: raised and kept, so that catching it does
not hide it from Host.check().
]]

local host = ...

local MARK = 'an object of the SDK'
local records = setmetatable({}, { __mode = 'k' })
local names = setmetatable({}, { __mode = 'k' })

host.MARK = MARK
host.methodNames = {} -- of all classes, for the check of the sources
host.violations = {}
host.knobs = {
  emptyInPcall = false, readsInGate = true, separateCounters = false, order = 'fifo',
  noLabel = 'gray', otherLabel = 'other', labelsReadGray = false, writesXmp = false, batchSeconds = 0,
  searchHangs = false, timeZone = 0, -- seconds by which local time is ahead of UTC
}

--- Raises `text` and records it for Host.check().
function host.violation(text)
  host.violations[#host.violations + 1] = text .. '\n' .. debug.traceback('', 2)
  error(text, 3)
end

--- The results of a call with their number, since any of them may be nil.
function host.pack(...)
  return { n = select('#', ...), ... }
end

--- Returns the results, from the first or from `from` on.
function host.unpack(packed, from)
  return unpack(packed, from or 1, packed.n)
end

--- A copy of a value that shares no table with it.
function host.copy(value)
  if type(value) ~= 'table' or records[value] then return value end
  local copy = {}
  for key, each in pairs(value) do copy[host.copy(key)] = host.copy(each) end
  return copy
end

local function refuseWrite(what)
  return function(_, key) host.violation(what .. ' is not writable: "' .. tostring(key) .. '"') end
end

--- A class: a function that creates an object from a record. `methods` take the object, `properties` the record.
function host.class(name, methods, properties)
  -- Not copied: some classes get their methods from several files.
  host.methodNames[name] = methods
  local meta = { __metatable = MARK, __newindex = refuseWrite(name) }
  meta.__tostring = function(object) return name .. ' ' .. tostring(records[object].id or records[object].name) end
  meta.__index = function(_, key) return host.member(name, methods, properties, _, key) end
  return function(record)
    local object = setmetatable({}, meta)
    records[object], names[object], record.object = record, name, object
    return object
  end
end

--- One member of an object, or a violation where SDK 14 has no member of that name.
function host.member(name, methods, properties, object, key)
  if methods[key] then return methods[key] end
  local property = properties and properties[key]
  if property then return property(records[object], object) end
  return host.violation(name .. ' has no member "' .. tostring(key) .. '" (SDK 14)')
end

--- The record behind `object`; a violation where it is not a `name`, as with photo.getRawMetadata(key).
function host.record(object, name)
  if names[object] ~= name then
    host.violation('an object of the class ' .. name .. ' was expected, not ' .. tostring(object)
      .. ' (called with a dot in place of a colon?)')
  end
  return records[object]
end

--- Whether `object` is an object of class `name`.
function host.is(object, name)
  return type(object) == 'table' and names[object] == name
end

--- A namespace: `members` and nothing else; `call` where the namespace itself is called, as LrLogger is.
function host.namespace(name, members, call)
  return setmetatable({}, {
    __metatable = MARK,
    __newindex = refuseWrite(name),
    __call = call,
    __index = function(_, key)
      if members[key] ~= nil then return members[key] end
      return host.violation(name .. ' has no member "' .. tostring(key) .. '" (SDK 14)')
    end,
  })
end

--- Raises where an argument is not of one of the types in `wanted` ("string", "number or nil").
function host.expect(what, value, wanted)
  for kind in wanted:gmatch '%a+' do
    if type(value) == kind then return value end
  end
  return error(what .. ' must be ' .. wanted .. ', not ' .. type(value), 3)
end

-- Python reads a table through the coroutine that it came from, which may have ended or be running then. So a table is
-- not passed itself, but stored here under a number, by which Python gets it from the main coroutine.
host.handed = {}
local handles = 0

local function handed(value)
  if type(value) ~= 'table' then return value end
  handles = handles + 1
  host.handed[handles] = value
  return '\0handed ' .. handles
end

--- The results of a function of host.py; its error is raised.
function host.python(name, ...)
  local arguments = host.pack(...)
  for index = 1, arguments.n do arguments[index] = handed(arguments[index]) end
  local results = host.pack(host.bridge[name](host.unpack(arguments)))
  host.handed = {}
  if not results[1] then error(results[2], 0) end
  return host.unpack(results, 2)
end
