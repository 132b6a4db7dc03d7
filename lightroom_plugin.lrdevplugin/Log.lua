--[[ The plug-in's log: Lightroom's own, and a file next to the daemon's, since some systems write none of their own.

Never yields, so that a shutdown script may log; never raises, so that a log that cannot be written stops nothing.
]]

local LrDate = import 'LrDate'
local LrFileUtils = import 'LrFileUtils'
local LrLogger = import 'LrLogger'
local LrPathUtils = import 'LrPathUtils'

local Log = {}

local FOLDER = '.autocull'
local FILE = 'plugin.log'
local LARGEST = 1024 * 1024

local logger = LrLogger('Autocull')
logger:enable('logfile')

--- Returns the path of the log file; the previous file, once the log grew too large, ends with `.1`.
function Log.path()
  return LrPathUtils.child(LrPathUtils.child(LrPathUtils.getStandardFilePath('home'), FOLDER), FILE)
end

local function rotate(path)
  local attributes = LrFileUtils.fileAttributes(path)
  if not attributes or (attributes.fileSize or 0) < LARGEST then return end
  LrFileUtils.delete(path .. '.1')
  LrFileUtils.move(path, path .. '.1')
end

local function append(level, text)
  local path = Log.path()
  if LrFileUtils.exists(path) then
    rotate(path)
  else
    LrFileUtils.createAllDirectories(LrPathUtils.parent(path))
  end
  local file = io.open(path, 'a')
  if not file then return end
  file:write(LrDate.timeToUserFormat(LrDate.currentTime(), '%Y-%m-%d %H:%M:%S'), ' ', level, ' ', text, '\n')
  file:close()
end

--- Logs an event.
function Log.info(text)
  logger:info(text)
  append('info', text)
end

--- Logs a problem that the plug-in handled.
function Log.warn(text)
  logger:warn(text)
  append('warning', text)
end

--- Logs a failure.
function Log.error(text)
  logger:error(text)
  append('error', text)
end

return Log
