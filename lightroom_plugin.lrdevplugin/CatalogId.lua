--[[ The name by which the daemon knows a catalog, so that undo finds what was done to this one. It is kept in the
catalog and goes with it when its file is moved.
]]

local LrDate = import 'LrDate'
local LrMD5 = import 'LrMD5'
local LrTasks = import 'LrTasks'

local Log = require 'Log'

local CatalogId = {}

local FIELD = 'catalogId'
local GATE = { timeout = 30 }

local function made(catalog)
  return LrMD5.digest(catalog:getPath() .. ' ' .. string.format('%.6f', LrDate.currentTime()))
end

--- The catalog's id, made and kept at the first call; nil and an error where the catalog is busy. Task needed, no
-- gate.
function CatalogId.of(catalog)
  local known = catalog:getPropertyForPlugin(_PLUGIN, FIELD)
  if type(known) == 'string' and known ~= '' then return known end
  local id = made(catalog)
  -- A private gate leaves no step in the photographer's undo history.
  local ok, status = LrTasks.pcall(function()
    return catalog:withPrivateWriteAccessDo(function() catalog:setPropertyForPlugin(_PLUGIN, FIELD, id) end, GATE)
  end)
  if ok and status == 'executed' then return id end
  Log.warn('the id of the catalog was not kept: ' .. tostring(status))
  return nil, {
    kind = 'catalog',
    code = 'busy',
    message = LOC '$$$/Autocull/Write/Busy=Lightroom was busy with something else, and did not let Autocull write.',
    hint = LOC '$$$/Autocull/Write/BusyHint=Wait until it is done, then run it again: what was measured is kept.',
  }
end

return CatalogId
