--[[ Renders previews of photos whose file is missing, as the daemon takes them in a request: a JPEG in Base64. No file
is written, so the name of the user's folder does not matter.
]]

local LrDate = import 'LrDate'
local LrStringUtils = import 'LrStringUtils'
local LrTasks = import 'LrTasks'

local Log = require 'Log'

local Thumbnails = {}

local SIDES = { 2048, 1024 } -- the smaller one where the larger picture has too many bytes
local LARGEST = 1.5 * 1024 * 1024 -- bytes of one preview in Base64
local TIMEOUT = 15
local POLL = 0.1
local MOST_FAILURES = 3

--- Bytes of previews after which a portion of photos is sent: with one more preview, and the metadata of 500 photos,
-- the request is below the 4 MiB that the daemon accepts.
Thumbnails.PORTION = 2 * 1024 * 1024

--- Returns the state of the previews of one run. Once `stop()` is true, no more are requested.
function Thumbnails.new(stop)
  return { stop = stop, failures = 0 }
end

--- Returns whether the run was stopped.
function Thumbnails.isStopped(thumbnails)
  return thumbnails.stop ~= nil and thumbnails.stop()
end

local function request(thumbnails, photo, side)
  local data, fault
  -- The request is cancelled once no variable references it.
  local held = photo:requestJpegThumbnail(side, side, function(jpeg, why) data, fault = jpeg, why end)
  local deadline = LrDate.currentTime() + TIMEOUT
  while not data and not fault and LrDate.currentTime() < deadline and not Thumbnails.isStopped(thumbnails) do
    LrTasks.sleep(POLL)
  end
  return data, fault or (held == nil and 'no request' or 'too slow')
end

local function render(thumbnails, photo)
  local fault
  for _, side in ipairs(SIDES) do
    local data, why = request(thumbnails, photo, side)
    if not data then return nil, why end
    local text = LrStringUtils.encodeBase64(data)
    if #text <= LARGEST then return text end
    fault = 'a preview of ' .. #data .. ' bytes'
  end
  return nil, fault
end

--- Returns a preview of the photo, or nil. After three failures in a row no more are requested: a catalog without
-- previews takes long for each. Task needed.
function Thumbnails.render(thumbnails, photo)
  if thumbnails.failures >= MOST_FAILURES or Thumbnails.isStopped(thumbnails) then return nil end
  local ok, preview, fault = LrTasks.pcall(render, thumbnails, photo)
  if ok and preview then
    thumbnails.failures = 0
    return preview
  end
  thumbnails.failures = thumbnails.failures + 1
  Log.info('no preview of a missing photo: ' .. tostring(ok and fault or preview))
  return nil
end

return Thumbnails
