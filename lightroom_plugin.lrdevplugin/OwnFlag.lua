--[[ Sets the flag of a photo as the photographer's own decision: a later run leaves it, and *Learn from my picks*
counts it. ]]

local CatalogReader = require 'CatalogReader'
local CatalogWriter = require 'CatalogWriter'
local CullPlan = require 'CullPlan'
local Json = require 'Json'

local OwnFlag = {}

-- Returns the field `written` without the flag, which is the photographer's from now on.
local function withoutFlag(photo)
  local fields = CatalogReader.readFields({ photo }, { 'written' })[photo] or {}
  local written = CullPlan.parseWritten(fields.written)
  if not written then return nil end
  written.flag = nil
  return next(written) ~= nil and Json.encode(written) or nil
end

--- Sets the flag (1 or -1) of a photo in one step of the undo history. Returns true, or nil and an error. Task needed.
function OwnFlag.set(photo, flag)
  local written = withoutFlag(photo)
  local name = flag == 1 and LOC '$$$/Autocull/Verdict/Keep=Keep' or LOC '$$$/Autocull/Verdict/Reject=Reject'
  return CatalogWriter.gate(name, function()
    photo:setRawMetadata('pickStatus', flag)
    photo:setPropertyForPlugin(_PLUGIN, 'written', written)
  end)
end

return OwnFlag
