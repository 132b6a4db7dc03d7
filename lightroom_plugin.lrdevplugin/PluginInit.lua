--[[ Runs when the plug-in loads: at the start of Lightroom and after a reload. An error here would disable the plug-in,
so this file only notes its version and starts the import watch, in a protected call. ]]

local LrFunctionContext = import 'LrFunctionContext'
local LrTasks = import 'LrTasks'

-- A task with a context: on some systems a task without one ends together with this file.
LrFunctionContext.postAsyncTaskWithContext('Autocull start', function()
  local ok, err = LrTasks.pcall(function()
    require 'PluginVersion' -- notes which version Lightroom loaded
    require('ImportWatcher').start()
  end)
  if not ok then require('Log').error('start of the import watch: ' .. tostring(err)) end
end)
