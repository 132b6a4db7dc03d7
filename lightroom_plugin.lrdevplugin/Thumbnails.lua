--[[ Pictures that Lightroom renders of photos whose file is missing, as files that the daemon can read. ]]

local LrDate = import 'LrDate'
local LrFileUtils = import 'LrFileUtils'
local LrPathUtils = import 'LrPathUtils'
local LrTasks = import 'LrTasks'

local Log = require 'Log'

local Thumbnails = {}

local SIDE = 2048
local PATIENCE = 15
local POLL = 0.1
local MOST_FAILURES = 3

--- A place for the pictures of one run, which is emptied when `context` ends.
function Thumbnails.open(context)
  local stamp = string.format('%.0f', LrDate.currentTime() * 1000)
  local folder = LrPathUtils.child(LrPathUtils.getStandardFilePath('temp'), 'autocull-' .. stamp)
  local place = { folder = folder, paths = {}, failures = 0 }
  context:addCleanupHandler(function()
    for _, path in ipairs(place.paths) do LrFileUtils.delete(path) end
    if LrFileUtils.exists(folder) then LrFileUtils.delete(folder) end
  end)
  return place
end

local function request(photo)
  local data, fault
  -- The request ends when nobody holds it any more.
  local held = photo:requestJpegThumbnail(SIDE, SIDE, function(jpeg, why) data, fault = jpeg, why end)
  local deadline = LrDate.currentTime() + PATIENCE
  while not data and not fault and LrDate.currentTime() < deadline do LrTasks.sleep(POLL) end
  return data, fault or (held == nil and 'no request' or 'too slow')
end

local function keep(place, data)
  LrFileUtils.createAllDirectories(place.folder)
  local path = LrPathUtils.child(place.folder, #place.paths + 1 .. '.jpg')
  local file, why = io.open(path, 'wb')
  if not file then return nil, why end
  place.paths[#place.paths + 1] = path
  file:write(data)
  file:close()
  return path
end

--- The path of a rendered picture of the photo, or nil. After three failures in a row no more are asked for: a host
-- without previews takes its time for each. Task needed.
function Thumbnails.take(place, photo)
  if place.failures >= MOST_FAILURES then return nil end
  local ok, data, fault = LrTasks.pcall(request, photo)
  local path, why
  if ok and data then path, why = keep(place, data) end
  if path then
    place.failures = 0
    return path
  end
  place.failures = place.failures + 1
  Log.info('no preview of a missing photo: ' .. tostring(why or (ok and fault) or data))
  return nil
end

return Thumbnails
