--[[ Runs when the plug-in loads, at the start of Lightroom and after a reload. An error here would switch the
plug-in off, and so nothing happens here but the start of the import watch, under guard. ]]

local LrFunctionContext = import 'LrFunctionContext'
local LrTasks = import 'LrTasks'

-- A task of its own with a context: one that is started bare ends with this file on some systems.
LrFunctionContext.postAsyncTaskWithContext('Autocull start', function()
  local ok, err = LrTasks.pcall(function() require('ImportWatcher').start() end)
  if not ok then require('Log').error('start of the import watch: ' .. tostring(err)) end
end)
