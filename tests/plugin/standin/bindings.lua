--[[ Observable tables: LrBinding's property tables and the plug-in's preferences.

Both are empty to the builtin pairs, and tell their observers of a change alone. Preferences keep what is assigned, and
nothing that is changed inside a table later.
]]

local host = ...

local stores = setmetatable({}, { __mode = 'k' })

host.savedPrefs = {} -- what lasts beyond a reload and a restart

local methods = {}

host.methodNames['observable table'] = methods

local function store(object)
  return stores[object] or host.violation 'this is no observable table'
end

function methods.addObserver(self, key, ...)
  local arguments = { ... }
  local func = arguments[#arguments]
  host.expect('the key of an observer', key, 'string')
  host.expect('an observer', func, 'function')
  table.insert(store(self).observers, { key = key, owner = #arguments > 1 and arguments[1] or nil, func = func })
end

function methods.removeObserver(self, key, owner)
  local observers = store(self).observers
  for index = #observers, 1, -1 do
    if observers[index].key == key and observers[index].owner == owner then table.remove(observers, index) end
  end
end

function methods.pairs(self)
  return pairs(store(self).values)
end

local function set(object, key, value)
  local record = stores[object]
  if record.context and record.context.ended then
    host.violation('the context of this property table has ended: ' .. tostring(key) .. ' cannot be set')
  end
  if record.check then record.check(key, value) end
  local changed = record.values[key] ~= value
  record.values[key] = value
  if not changed then return end
  for _, observer in ipairs({ unpack(record.observers) }) do
    if observer.key == key then host.barredCall(observer.func, object, key, value) end
  end
end

local META = {
  __metatable = host.MARK,
  __index = function(object, key)
    if methods[key] then return methods[key] end
    return stores[object].values[key]
  end,
  __newindex = set,
}

local function observable(record)
  local object = setmetatable({}, META)
  record.observers = {}
  stores[object] = record
  return object
end

--- Whether `value` is an observable table.
function host.isObservable(value)
  return type(value) == 'table' and stores[value] ~= nil
end

--- A plain copy of what an observable table holds.
function host.observed(object)
  return host.copy(stores[object].values)
end

local function checkPref(key, value)
  if type(value) == 'table' then
    for inner, each in pairs(value) do
      checkPref(inner, inner)
      checkPref(inner, each)
    end
  elseif type(value) ~= 'nil' and type(value) ~= 'boolean' and type(value) ~= 'number' and type(value) ~= 'string' then
    host.violation('a preference cannot be a ' .. type(value) .. ': ' .. tostring(key))
  end
end

--- The preferences as they were saved, for a plug-in that is loaded now.
function host.openPrefs()
  return observable {
    values = host.copy(host.savedPrefs),
    check = function(key, value)
      host.expect('the name of a preference', key, 'string')
      checkPref(key, value)
      host.savedPrefs[key] = host.copy(value)
    end,
  }
end

host.modules.LrPrefs = host.namespace('LrPrefs', {
  prefsForPlugin = function(id)
    if id ~= nil and id ~= host.plugin.id then error('the preferences of another plug-in are not modelled', 2) end
    return host.prefs
  end,
})

local function keyTest(test)
  return function(key, ...)
    local arguments = { ... }
    return {
      isBinding = true, key = host.expect('the key', key, 'string'),
      transform = function(value) return test(value, arguments[1]) end,
    }
  end
end

local function allKeys(every)
  return function(...)
    local keys = { ... }
    if host.isObservable(keys[1]) then return host.violation 'andAllKeys with an object is not modelled' end
    return {
      isBinding = true, keys = keys,
      operation = function(_, values)
        for _, key in ipairs(keys) do
          if (not values[key]) == every then return not every end
        end
        return every
      end,
    }
  end
end

host.modules.LrBinding = host.namespace('LrBinding', {
  makePropertyTable = function(context)
    return observable { values = {}, context = host.liveContext(context) }
  end,
  keyEquals = keyTest(function(value, wanted) return value == wanted end),
  keyIsNot = keyTest(function(value, wanted) return value ~= wanted end),
  keyIsNil = keyTest(function(value) return value == nil end),
  keyIsNotNil = keyTest(function(value) return value ~= nil end),
  negativeOfKey = keyTest(function(value)
    if type(value) == 'number' then return -value end
    return not value
  end),
  andAllKeys = allKeys(true),
  orAllKeys = allKeys(false),
  kUnsupportedDirection = { 'unsupported direction' },
})
