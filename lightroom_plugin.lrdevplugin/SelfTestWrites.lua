--[[ The checks of the self-test that write, all to one photo, whose marks SelfTestWrites.restore restores.

Each takes `env` (catalog, photos, photo, before) and returns its outcome as text for a developer.
]]

local LrTasks = import 'LrTasks'

local ImportDetector = require 'ImportDetector'
local ImportWatermark = require 'ImportWatermark'

local SelfTestWrites = {}

local ACTION = 'Autocull self-test'
local LABELS = { 'red', 'yellow', 'green', 'blue', 'purple', 'none' }
-- Texts that are not the photographer's label set: one of its own, and those of other sets and languages.
local OTHER_TEXTS = { 'Autocull self-test', 'Select', 'Red', 'Rot' }
local HOLD = 6

local function gate(env, write)
  local ok, status = LrTasks.pcall(function()
    return env.catalog:withWriteAccessDo(ACTION, write, { timeout = 30 })
  end)
  return ok and status == 'executed', tostring(status)
end

-- Writes a value and reads it back: "red -> red", or the error.
local function roundTrip(env, key, value)
  local ok, err = gate(env, function() env.photo:setRawMetadata(key, value) end)
  if not ok then return tostring(value) .. ' REFUSED ' .. err end
  return tostring(value) .. ' -> ' .. tostring(env.photo:getRawMetadata(key))
end

--- Returns the photo's marks, as `restore` takes them; the label as its text.
function SelfTestWrites.readMarks(photo)
  return {
    rating = photo:getRawMetadata('rating'),
    pickStatus = photo:getRawMetadata('pickStatus') or 0,
    label = photo:getFormattedMetadata('label') or '',
  }
end

local function writeLabel(photo, text)
  if text == '' then return photo:setRawMetadata('colorNameForLabel', 'none') end
  return photo:setRawMetadata('label', text)
end

--- Restores the marks of `env.before` and reads them back.
function SelfTestWrites.restore(env)
  local before = env.before
  local ok, err = gate(env, function()
    env.photo:setRawMetadata('rating', before.rating)
    env.photo:setRawMetadata('pickStatus', before.pickStatus)
    writeLabel(env.photo, before.label)
  end)
  if not ok then return 'NOT RESTORED: ' .. err end
  local after = SelfTestWrites.readMarks(env.photo)
  local same = after.rating == before.rating and after.pickStatus == before.pickStatus and after.label == before.label
  local label = after.label == '' and 'none' or after.label
  local text = 'stars ' .. tostring(after.rating) .. ', flag ' .. tostring(after.pickStatus) .. ', label ' .. label
  return (same and 'as before: ' or 'NOT AS BEFORE: ') .. text
end

--- Stars: 0 should be refused, and nil should clear them.
function SelfTestWrites.rating(env)
  local accepted, why = gate(env, function() env.photo:setRawMetadata('rating', 0) end)
  local zero = accepted and '0 ACCEPTED' or '0 is refused: ' .. why
  return table.concat({ zero, roundTrip(env, 'rating', 3), roundTrip(env, 'rating', nil) }, '; ')
end

--- Flags: rejected, none, picked.
function SelfTestWrites.flag(env)
  return table.concat({
    roundTrip(env, 'pickStatus', -1), roundTrip(env, 'pickStatus', 0), roundTrip(env, 'pickStatus', 1),
  }, '; ')
end

--- The six colour names; to be run with the default label set and with a custom one.
function SelfTestWrites.labels(env)
  local trips = {}
  for _, name in ipairs(LABELS) do
    local trip = roundTrip(env, 'colorNameForLabel', name)
    trips[#trips + 1] = trip .. ' (' .. tostring(env.photo:getFormattedMetadata('label')) .. ')'
  end
  return table.concat(trips, '; ')
end

--- Label texts: the colour that Lightroom returns for those of the label set in use, and for others.
function SelfTestWrites.labelTexts(env)
  local trips = {}
  for _, text in ipairs(OTHER_TEXTS) do
    local ok, err = gate(env, function() env.photo:setRawMetadata('label', text) end)
    local label = tostring(env.photo:getFormattedMetadata('label'))
    local colour = tostring(env.photo:getRawMetadata('colorNameForLabel'))
    trips[#trips + 1] = text .. (ok and ' -> ' .. label .. ', ' .. colour or ' REFUSED ' .. err)
  end
  return table.concat(trips, '; ')
end

--- Whether marks and the plug-in's fields can be read inside a write gate on this system, as the plug-in does before it
-- writes.
function SelfTestWrites.readInGate(env)
  local reads, outcomes = {
    { 'stars', function() return env.photo:getRawMetadata('rating') end },
    { 'label', function() return env.photo:getFormattedMetadata('label') end },
    { 'field', function() return env.photo:getPropertyForPlugin(_PLUGIN, 'verdict') end },
  }, nil
  local executed, err = gate(env, function()
    outcomes = {}
    for index, read in ipairs(reads) do
      local ok, value = LrTasks.pcall(read[2])
      outcomes[index] = read[1] .. (ok and ' reads ' or ' REFUSED ') .. tostring(value)
    end
  end)
  if not executed then return 'no gate: ' .. err end
  return table.concat(outcomes, '; ')
end

--- The outcome of a second write while another holds the catalog: with a timeout, and without.
function SelfTestWrites.busyGate(env)
  local holding, released = false, false
  LrTasks.startAsyncTask(function()
    gate(env, function()
      holding = true
      LrTasks.sleep(HOLD)
    end)
    released = true
  end, 'Autocull self-test holds the catalog')
  while not holding and not released do LrTasks.sleep(0.1) end
  local _, limited = LrTasks.pcall(function()
    return env.catalog:withWriteAccessDo(ACTION, function() end, { timeout = 1 })
  end)
  local fine, unlimited = LrTasks.pcall(function()
    return env.catalog:withWriteAccessDo(ACTION, function() end)
  end)
  while not released do LrTasks.sleep(0.1) end
  return 'with timeout: ' .. tostring(limited) .. '; without: ' .. (fine and '' or 'error ') .. tostring(unlimited)
end

local function highest(photos)
  local most = 0
  for _, photo in ipairs(photos) do most = math.max(most, photo.localIdentifier) end
  return most
end

--- Whether photos and collection sets are numbered by one counter, as the import watch requires.
function SelfTestWrites.counter(env)
  local current, err = ImportWatermark.current(env.catalog)
  local recent = highest(ImportDetector.recent(env.catalog))
  local text = 'highest photo: ' .. recent .. ' of the recent, ' .. highest(env.photos) .. ' of the selected'
  if not current then return 'NO COUNTER: ' .. err.message .. ' ' .. text end
  return 'a new collection set: ' .. current .. '; ' .. text
end

--- Whether the plug-in can store a property in the catalog without a step in the undo history.
function SelfTestWrites.privateGate(env)
  local ok, status = LrTasks.pcall(function()
    return env.catalog:withPrivateWriteAccessDo(function()
      env.catalog:setPropertyForPlugin(_PLUGIN, 'selfTest', 'written')
    end, { timeout = 30 })
  end)
  if not ok then return 'REFUSED ' .. tostring(status) end
  return tostring(status) .. ', reads ' .. tostring(env.catalog:getPropertyForPlugin(_PLUGIN, 'selfTest'))
end

return SelfTestWrites
