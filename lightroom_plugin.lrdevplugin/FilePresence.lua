--[[ Whether the files of photos are there.

Lightroom stands still while it asks a drive, and a share that is gone answers each question after half a minute. So a
drive that was slow once is not asked again: the daemon finds out, which waits for nobody.
]]

local LrDate = import 'LrDate'
local LrFileUtils = import 'LrFileUtils'

local Log = require 'Log'

local FilePresence = {}

local SLOW = 2 -- seconds; a drive that spins up is slow too, and the daemon knows better then as well
local ROOTS = { '^\\\\[^\\]+\\[^\\]+', '^%a:', '^/Volumes/[^/]+' }

-- The drive or share of a path; '/' for whatever else lies on the disk of the system.
local function driveOf(path)
  for _, root in ipairs(ROOTS) do
    local drive = path:match(root)
    if drive then return drive end
  end
  return '/'
end

--- A question for one run: of a path it says true or false, or nil where its drive is too slow to tell. The first
-- question to such a drive takes its time.
function FilePresence.asker()
  local slow = {}
  return function(path)
    if type(path) ~= 'string' then return false end
    local drive = driveOf(path)
    if slow[drive] then return nil end
    local start = LrDate.currentTime()
    local there = LrFileUtils.exists(path) == 'file'
    if LrDate.currentTime() - start <= SLOW then return there end
    slow[drive] = true
    Log.warn('not asked again whether files are there, since its answer took long: ' .. drive)
    return there or nil
  end
end

return FilePresence
