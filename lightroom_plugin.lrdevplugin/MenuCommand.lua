--[[ Starts what a menu item does, in a task. After an update Lightroom still runs the modules of the old version, until
it is restarted or the plug-in is reloaded: then nothing is done and a message says so.
]]

local LrDialogs = import 'LrDialogs'
local LrFunctionContext = import 'LrFunctionContext'
local LrTasks = import 'LrTasks'

local Log = require 'Log'

local MenuCommand = {}

local function showOutdated()
  LrDialogs.message(
    LOC '$$$/Autocull/MenuCommand/Updated=Autocull was updated: nothing was done',
    LOC '$$$/Autocull/MenuCommand/UpdatedInfo=Restart Lightroom, or reload Autocull in File > Plug-in Manager.',
    'info'
  )
end

-- Returns the function of the menu item, or nil where its module is of another version than the menu file.
local function load(find)
  local ok, command = LrTasks.pcall(find)
  if ok and type(command) == 'function' then return command end
  Log.error('the menu item does not fit the loaded modules: ' .. tostring(command))
  return nil
end

--- Starts the function that `find()` returns, with the context of its own task.
function MenuCommand.start(name, find)
  LrFunctionContext.postAsyncTaskWithContext(name, function(context)
    -- Within the task, since this module reads a file when it is loaded.
    local command = not require('PluginVersion').isOutdated() and load(find)
    if not command then return showOutdated() end
    return command(context)
  end)
end

return MenuCommand
