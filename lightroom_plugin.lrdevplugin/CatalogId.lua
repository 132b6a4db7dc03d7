--[[ The identifier of a catalog, by which the daemon stores its journals for undo. It is stored in the catalog and
stays with it when the file is moved.
]]

local LrDate = import 'LrDate'
local LrMD5 = import 'LrMD5'

local CatalogWriter = require 'CatalogWriter'

local CatalogId = {}

local FIELD = 'catalogId'

local function newId(catalog)
  return LrMD5.digest(catalog:getPath() .. ' ' .. string.format('%.6f', LrDate.currentTime()))
end

--- Returns the catalog's id, which is created and stored at the first call; nil and an error where the catalog is busy.
-- Task needed, and no gate.
function CatalogId.of(catalog)
  local stored = catalog:getPropertyForPlugin(_PLUGIN, FIELD)
  if type(stored) == 'string' and stored ~= '' then return stored end
  local id = newId(catalog)
  local ok, err = CatalogWriter.privateGate(function() catalog:setPropertyForPlugin(_PLUGIN, FIELD, id) end)
  if not ok then return nil, err end
  return id
end

return CatalogId
