--[[ The name by which the daemon knows a catalog, so that undo finds what was done to this one. It is kept in the
catalog and goes with it when its file is moved.
]]

local LrDate = import 'LrDate'
local LrMD5 = import 'LrMD5'

local CatalogWriter = require 'CatalogWriter'

local CatalogId = {}

local FIELD = 'catalogId'

local function made(catalog)
  return LrMD5.digest(catalog:getPath() .. ' ' .. string.format('%.6f', LrDate.currentTime()))
end

--- The catalog's id, made and kept at the first call; nil and an error where the catalog is busy. Task needed, no
-- gate.
function CatalogId.of(catalog)
  local known = catalog:getPropertyForPlugin(_PLUGIN, FIELD)
  if type(known) == 'string' and known ~= '' then return known end
  local id = made(catalog)
  local ok, err = CatalogWriter.privateGate(function() catalog:setPropertyForPlugin(_PLUGIN, FIELD, id) end)
  if not ok then return nil, err end
  return id
end

return CatalogId
