--[[ The plug-in's own global environment: what Lua has in Lightroom, `import`, `require`, LOC and _PLUGIN.

An environment lives from one load of the plug-in to the next; tasks of an earlier one keep theirs.
]]

local host = ...

local ESCAPES = { n = '\n', r = '\n', t = '\t', ['^'] = '^', ['"'] = '"', ["'"] = "'" }

host.words = {} -- translations by key
host.fields = {} -- declared custom fields by id

local function filled(text, arguments)
  return (text:gsub('%^(.)', function(sign)
    local position = tonumber(sign)
    if position then return tostring(arguments[position]) end
    return ESCAPES[sign] or host.violation('LOC has no escape ^' .. sign)
  end))
end

--- LOC: the text of a key in the language of the host, with its arguments filled in.
function host.loc(text, ...)
  host.expect('the text of LOC', text, 'string')
  local key, default = text:match '^%$%$%$/([^=]+)=(.*)$'
  if not key then host.violation('LOC needs "$$$/Key=Text": ' .. text) end
  local arguments = { ... }
  for position = 1, select('#', ...) do
    local value = arguments[position]
    if type(value) ~= 'string' and type(value) ~= 'number' then
      host.violation('argument ' .. position .. ' of LOC ' .. key .. ' is a ' .. type(value))
    end
  end
  return filled(host.words[key] or default, arguments)
end

--- Whether `plugin` (an id or an object) is the plug-in under test.
function host.isOwnPlugin(plugin)
  return plugin == host.plugin.id or plugin == host.plugin.object
end

--- Raises for a value that the declaration of a custom field does not allow.
function host.checkField(id, value)
  local field = host.fields[id]
  if not field then
    error('Attempt to access property "' .. tostring(id) .. "\" that's not declared in Info.lua", 3)
  end
  if value ~= nil and type(value) ~= 'string' then
    error('the value of "' .. id .. '" must be a string or nil, not a ' .. type(value), 3)
  end
  if value and field.searchable and #value > 511 then
    error('the searchable value of "' .. id .. '" is longer than 511 bytes', 3)
  end
  if value and field.dataType == 'enum' and not field.values.allowPluginToSetOtherValues then
    for _, each in ipairs(field.values) do
      if each.value == value then return end
    end
    error('"' .. value .. '" is no value of the field "' .. id .. '"', 3)
  end
end

local newPlugin = host.class('LrPlugin', {
  hasResource = function(self, name)
    return host.python('exists', host.record(self, 'LrPlugin').path .. '/' .. name) == 'file'
  end,
  resourceId = function(self, name) return host.record(self, 'LrPlugin').path .. '/' .. name end,
  type = function() return 'LrPlugin' end,
}, {
  id = function(record) return record.id end,
  path = function(record) return record.path end,
  enabled = function() return true end,
})

host.plugin = { id = 'unloaded', path = '' }

local PLAIN = [[
  assert error ipairs load loadstring next pairs rawequal rawget rawset select setmetatable tonumber tostring type
  unpack _VERSION
]]

local function copyOf(library)
  local copy = {}
  for key, value in pairs(library) do copy[key] = value end
  return copy
end

local function import(name)
  if rawget(host.modules, name) then return host.modules[name] end
  return host.violation('import: there is no namespace "' .. tostring(name) .. '"')
end

local function guardedMetatable(object)
  local meta = getmetatable(object)
  if meta == host.MARK then host.violation 'getmetatable is refused on objects of the SDK' end
  return meta
end

-- Lua 5.1 cannot wait inside a pcall: the depth ensures that a violation is recorded even where the pcall hides it.
local function plainPcall(func, ...)
  host.barred = host.barred + 1
  local results = host.pack(pcall(func, ...))
  host.barred = math.max(host.barred - 1, 0)
  return host.unpack(results)
end

local function plainXpcall(func, handler)
  host.barred = host.barred + 1
  local results = host.pack(xpcall(func, handler))
  host.barred = math.max(host.barred - 1, 0)
  return host.unpack(results)
end

local function systemClock()
  return {
    clock = os.clock,
    date = function(format, seconds) return os.date(format, seconds or host.unixTime()) end,
    time = function(parts) return parts and os.time(parts) or host.unixTime() end,
    tmpname = os.tmpname,
  }
end

local function refused(what)
  return setmetatable({}, {
    __index = function() return nil end,
    __newindex = function() host.violation(what .. ' cannot be changed') end,
    __metatable = host.MARK,
  })
end

local function chunk(name, environment)
  local source = host.python('source', name)
  local func, err = loadstring(source, '@' .. name)
  if not func then host.violation('the file cannot be loaded: ' .. err) end
  return setfenv(func, environment)
end

local function requirer(environment)
  local loaded, loading = {}, {}
  return function(name)
    host.expect('the name of a module', name, 'string')
    if loaded[name] ~= nil then return loaded[name] end
    if loading[name] then host.violation('the module "' .. name .. '" requires itself') end
    local isThere = name:match '^%w+$' and host.python('hasFile', name .. '.lua')
    if not isThere then host.violation('require: the plug-in has no module "' .. name .. '"') end
    loading[name] = true
    -- The chunk of a module runs in a C call: it may not wait.
    local ok, result = pcall(host.barredCall, chunk(name .. '.lua', environment))
    loading[name] = nil
    if not ok then error(result, 0) end
    loaded[name] = result == nil and true or result
    return loaded[name]
  end
end

--- A new global environment for the plug-in.
function host.newEnvironment()
  local environment = {
    math = copyOf(math), string = copyOf(string), table = copyOf(table), io = copyOf(io), os = systemClock(),
    pcall = plainPcall, xpcall = plainXpcall, getmetatable = guardedMetatable,
    import = import, LOC = host.loc, _PLUGIN = host.plugin.object,
    WIN_ENV = host.platform == 'win', MAC_ENV = host.platform == 'mac',
    package = { loaded = refused 'package.loaded' },
    debug = { traceback = debug.traceback },
  }
  for name in PLAIN:gmatch '%S+' do environment[name] = _G[name] end
  environment.io.popen = nil
  environment._G = environment
  environment.require = requirer(environment)
  return setmetatable(environment, {
    __metatable = host.MARK,
    __index = function(_, name) return host.violation('there is no global "' .. tostring(name) .. '"') end,
    __newindex = function(_, name) host.violation('an accidental global: "' .. tostring(name) .. '"') end,
  })
end

--- Returns the result of a file that is run with LOC only, as Info.lua is.
function host.literal(name)
  local environment = setmetatable({ LOC = host.loc, _VERSION = _VERSION }, {
    __index = function(_, global)
      return host.violation(name .. ' may use LOC alone, not "' .. tostring(global) .. '"')
    end,
    __newindex = function(_, global) host.violation(name .. ' sets the global "' .. tostring(global) .. '"') end,
  })
  local ok, result = pcall(chunk(name, environment))
  if not ok then error(result, 0) end
  return result
end

--- Sets the id and the path of the plug-in under test.
function host.setPlugin(id, path)
  host.plugin = { id = id, path = path }
  host.plugin.object = newPlugin(host.plugin)
end

--- Declares the custom fields of a metadata definition, or none.
function host.declare(definition)
  host.fields = {}
  for _, field in ipairs(definition and definition.metadataFieldsForPhotos or {}) do
    host.checkDeclaration(field)
    host.fields[field.id] = field
  end
end

local KEYS = { id = 1, title = 1, dataType = 1, values = 1, readOnly = 1, searchable = 1, browsable = 1, version = 1 }

--- A violation where a custom field is declared in a way that Lightroom ignores or refuses.
function host.checkDeclaration(field)
  local name = tostring(field.id)
  if not name:match '^%a%w*$' then host.violation('the field "' .. name .. '" has an invalid id') end
  for key in pairs(field) do
    if not KEYS[key] then host.violation('the field "' .. name .. '" has an unknown key "' .. tostring(key) .. '"') end
  end
  local kind = field.dataType or 'string'
  if kind ~= 'string' and kind ~= 'enum' and kind ~= 'url' then host.violation('no data type: ' .. tostring(kind)) end
  if kind == 'enum' and type(field.values) ~= 'table' then host.violation('the enum "' .. name .. '" has no values') end
  if field.searchable and not field.title then host.violation('searchable "' .. name .. '" needs a title') end
  if field.browsable and not field.searchable then host.violation('browsable "' .. name .. '" must be searchable') end
end

--- Runs a file of the plug-in top to bottom, outside of any task, and returns what it returns.
function host.run(name)
  return host.barredCall(chunk(name, host.environment))
end

local function textChunk(text, name)
  local func, err = loadstring(text, '=' .. name)
  if not func then error(err, 0) end
  return setfenv(func, host.environment)
end

--- Runs a piece of Lua in the plug-in's environment, outside of any task.
function host.runText(text, name)
  return textChunk(text, name)()
end

--- Queues a piece of Lua as a task; host.finished is true when it is over, and host.result is what it returned.
function host.postText(text, name)
  local func = textChunk(text, name)
  host.finished, host.result = false, nil
  host.post(function()
    host.result = func()
    host.finished = true
  end, name, true)
end

local function texts(section, controls)
  controls[#controls + 1] = { kind = 'section', title = section.title }
  for _, view in ipairs(section) do
    for _, control in ipairs(host.controls(view, section.bind_to_object or host.prefs)) do
      controls[#controls + 1] = control
    end
  end
end

--- The controls of the plug-in's sections in the Plug-in Manager, whose file runs each time the panel is drawn.
function host.panel(name)
  local provider, controls = host.run(name), {}
  for _, position in ipairs { 'sectionsForTopOfDialog', 'sectionsForBottomOfDialog' } do
    if provider[position] then
      local sections = host.barredCall(provider[position], host.factory, host.prefs)
      for _, section in ipairs(sections) do texts(section, controls) end
    end
  end
  return controls
end

--- The sections of the Plug-in Manager's panel as trees, to be drawn.
function host.panelTrees(name)
  local trees = {}
  for _, section in ipairs(host.run(name).sectionsForTopOfDialog(host.factory, host.prefs)) do
    local tree = { kind = 'group_box', title = section.title, visible = true, children = {} }
    for index, view in ipairs(section) do tree.children[index] = host.tree(view, nil) end
    trees[#trees + 1] = tree
  end
  return trees
end

--- Runs the scripts at the end of the plug-in or of the application, where nothing may wait and nothing may be shown.
function host.unload(shutdown, application)
  local done = not application
  host.unloading = true
  local ok, err = pcall(function()
    if application then
      local answer = host.run(application)
      host.barredCall(answer.LrShutdownFunction, function() done = true end, function() end)
    end
    if shutdown then host.run(shutdown) end
  end)
  host.unloading = false
  if not ok then host.violation('a shutdown script failed: ' .. tostring(err)) end
  if not done then host.violation 'LrShutdownFunction never called done(): Lightroom would not quit' end
end
