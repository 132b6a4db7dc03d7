--[[ Checks whether the files of photos exist.

Lightroom is blocked while it accesses a drive, and a network share that is offline answers each access after half a
minute. So a drive that was slow once is not accessed again: the daemon checks the file instead.
]]

local LrDate = import 'LrDate'
local LrFileUtils = import 'LrFileUtils'

local Log = require 'Log'

local FilePresence = {}

local SLOW = 2 -- seconds; a drive that spins up is slow too, and is left to the daemon as well
local ROOTS = { '^\\\\[^\\]+\\[^\\]+', '^%a:', '^/Volumes/[^/]+' }

-- Returns the drive or share of a path; '/' for every other path.
local function driveOf(path)
  for _, root in ipairs(ROOTS) do
    local drive = path:match(root)
    if drive then return drive end
  end
  return '/'
end

--- Returns a function for one run that checks a path: true or false, or nil where its drive is too slow. The first
-- access to such a drive still takes its time.
function FilePresence.checker()
  local slow = {}
  return function(path)
    if type(path) ~= 'string' then return false end
    local drive = driveOf(path)
    if slow[drive] then return nil end
    local start = LrDate.currentTime()
    local isFile = LrFileUtils.exists(path) == 'file'
    if LrDate.currentTime() - start <= SLOW then return isFile end
    slow[drive] = true
    Log.warn('files on this drive are not checked again, since it was slow: ' .. drive)
    return isFile or nil
  end
end

return FilePresence
