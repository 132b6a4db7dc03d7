--[[ Floating windows, and the view of the application. A window stays until the user or the plug-in closes it. ]]

local host = ...

host.windows = {} -- records of the open windows
host.view = 'grid'

local FLOATING = {
  title = 'string', contents = 'table', blockTask = 'boolean or nil', save_frame = 'string or nil',
  resizable = 'boolean or nil', onShow = 'function or nil', windowWillClose = 'function or nil',
  selectionChangeObserver = 'function or nil', sourceChangeObserver = 'function or nil', width = 'number or nil',
  height = 'number or nil', background_color = 'table or nil',
}
local POLL = 0.2
local VIEWS = { grid = true, loupe = true, compare = true, survey = true, people = true, develop_loupe = true }
local MODULES = {
  library = true, develop = true, map = true, book = true, slideshow = true, print = true, web = true,
}

-- Callbacks of the host are called outside of any task: nothing in them may wait.
local function callBack(func, ...)
  local task = host.current
  host.current = nil
  local ok, err = pcall(host.barredCall, func, ...)
  host.current = task
  if not ok then error(err, 0) end
end

local function close(record)
  if not record.isOpen then return end
  record.isOpen = false
  for index, each in ipairs(host.windows) do
    if each == record then table.remove(host.windows, index) end
  end
  if record.arguments.windowWillClose then callBack(record.arguments.windowWillClose) end
end

--- LrDialogs.presentFloatingDialog.
function host.presentFloatingDialog(plugin, arguments)
  if plugin ~= host.plugin.object then host.violation 'presentFloatingDialog needs _PLUGIN as its first argument' end
  host.expect('the arguments of presentFloatingDialog', arguments, 'table')
  for key, value in pairs(arguments) do
    if not FLOATING[key] then host.violation('presentFloatingDialog has no argument "' .. tostring(key) .. '"') end
    host.expect(key, value, FLOATING[key])
  end
  host.expect('the contents', arguments.contents, 'table')
  local record = { arguments = arguments, isOpen = true, raised = 0 }
  record.controls = function() return host.controls(arguments.contents, nil) end
  record.tree = function() return host.tree(arguments.contents, nil) end
  record.close = function() close(record) end
  host.windows[#host.windows + 1] = record
  if arguments.onShow then
    callBack(arguments.onShow, {
      toFront = function() record.raised = record.raised + 1 end,
      close = record.close,
    })
  end
  while arguments.blockTask and record.isOpen do host.pause(POLL) end
end

--- Tells every open window that the selection changed.
function host.selectionChanged()
  for _, record in ipairs { unpack(host.windows) } do
    if record.arguments.selectionChangeObserver then callBack(record.arguments.selectionChangeObserver) end
  end
end

host.modules.LrApplicationView = host.namespace('LrApplicationView', {
  showView = function(name)
    if not VIEWS[name] then host.violation('there is no view "' .. tostring(name) .. '"') end
    host.view = name
  end,
  switchToModule = function(name)
    if not MODULES[name] then host.violation('there is no module "' .. tostring(name) .. '"') end
  end,
  getCurrentModuleName = function() return 'library' end,
})
