--[[ Whether the files of the plug-in are those that Lightroom runs. Lightroom reads a menu file at each click and a
module once, so an update replaces menu files at once and modules at the next start of Lightroom or a reload.
]]

local LrFileUtils = import 'LrFileUtils'
local LrPathUtils = import 'LrPathUtils'
local LrTasks = import 'LrTasks'

local PluginVersion = {}

-- Returns what Info.lua says now; nil where it cannot be read. Nothing here may wait: a module is loaded in a C call.
local function readInfo()
  local path = LrPathUtils.child(_PLUGIN.path, 'Info.lua')
  local ok, text = LrTasks.pcall(LrFileUtils.readFile, path)
  return ok and text or nil
end

local loaded = readInfo()

--- Returns whether the plug-in was updated since Lightroom loaded it.
function PluginVersion.isOutdated()
  local present = readInfo()
  return loaded ~= nil and present ~= nil and present ~= loaded
end

return PluginVersion
