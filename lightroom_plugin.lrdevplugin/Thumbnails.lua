--[[ Saves thumbnails of photos whose file is missing as files that the daemon can read. ]]

local LrDate = import 'LrDate'
local LrFileUtils = import 'LrFileUtils'
local LrPathUtils = import 'LrPathUtils'
local LrTasks = import 'LrTasks'

local Log = require 'Log'

local Thumbnails = {}

local SIDE = 2048
local TIMEOUT = 15
local POLL = 0.1
local MOST_FAILURES = 3

--- Returns a folder for the thumbnails of one run, which is deleted when `context` ends. Once `stop()` is true,
-- no more are requested.
function Thumbnails.newFolder(context, stop)
  local stamp = string.format('%.0f', LrDate.currentTime() * 1000)
  local folder = LrPathUtils.child(LrPathUtils.getStandardFilePath('temp'), 'autocull-' .. stamp)
  local thumbnails = { folder = folder, stop = stop, count = 0, paths = {}, failures = 0 }
  context:addCleanupHandler(function()
    for path in pairs(thumbnails.paths) do LrFileUtils.delete(path) end
    if LrFileUtils.exists(folder) then LrFileUtils.delete(folder) end
  end)
  return thumbnails
end

--- Returns whether the run was stopped.
function Thumbnails.isStopped(thumbnails)
  return thumbnails.stop ~= nil and thumbnails.stop()
end

--- Deletes a file that Thumbnails.save returned; every other path is left alone.
function Thumbnails.delete(thumbnails, path)
  if not path or not thumbnails.paths[path] then return end
  thumbnails.paths[path] = nil
  LrFileUtils.delete(path)
end

local function request(thumbnails, photo)
  local data, fault
  -- The request is cancelled once no variable references it.
  local held = photo:requestJpegThumbnail(SIDE, SIDE, function(jpeg, why) data, fault = jpeg, why end)
  local deadline = LrDate.currentTime() + TIMEOUT
  while not data and not fault and LrDate.currentTime() < deadline and not Thumbnails.isStopped(thumbnails) do
    LrTasks.sleep(POLL)
  end
  return data, fault or (held == nil and 'no request' or 'too slow')
end

local function write(thumbnails, data)
  LrFileUtils.createAllDirectories(thumbnails.folder)
  thumbnails.count = thumbnails.count + 1
  local path = LrPathUtils.child(thumbnails.folder, thumbnails.count .. '.jpg')
  local file, why = io.open(path, 'wb')
  if not file then return nil, why end
  thumbnails.paths[path] = true
  file:write(data)
  file:close()
  return path
end

--- Saves a thumbnail of the photo: returns its path, or nil. After three failures in a row no more are requested: a
-- catalog without previews takes long for each. Task needed.
function Thumbnails.save(thumbnails, photo)
  if thumbnails.failures >= MOST_FAILURES or Thumbnails.isStopped(thumbnails) then return nil end
  local ok, data, fault = LrTasks.pcall(request, thumbnails, photo)
  local path, why
  if ok and data then path, why = write(thumbnails, data) end
  if path then
    thumbnails.failures = 0
    return path
  end
  thumbnails.failures = thumbnails.failures + 1
  Log.info('no preview of a missing photo: ' .. tostring(why or (ok and fault) or data))
  return nil
end

return Thumbnails
