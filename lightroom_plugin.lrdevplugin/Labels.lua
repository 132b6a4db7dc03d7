--[[ Colour labels. A label is a text, whose colour Lightroom looks up in the label set in use; the photographer can
switch that set, and it is localized. So labels are compared and restored by their text, and a colour's name is used
only to write one of the five colours.
]]

local LrApplication = import 'LrApplication'
local LrTasks = import 'LrTasks'

local CullPlan = require 'CullPlan'
local Log = require 'Log'

local Labels = {}

local COLOURS = CullPlan.COLOURS

--- Returns whether a label is the name of one of the five colours.
function Labels.isColour(label)
  return COLOURS[label] == true
end

--- Returns the label set in use: `texts` by colour, and `colours` by text; both are empty where Lightroom does not
-- return it. Task needed, and no gate.
function Labels.readSet()
  local set = { texts = {}, colours = {} }
  local ok, map = LrTasks.pcall(function() return LrApplication.activeCatalog():getLabelMapToColorName() end)
  if not ok or type(map) ~= 'table' then
    Log.warn('Lightroom returned no label set: ' .. tostring(map))
    return set
  end
  for text, colour in pairs(map) do
    -- Adobe's pages do not say which of the two is the key.
    if not COLOURS[colour] then text, colour = colour, text end
    if COLOURS[colour] and type(text) == 'string' then set.texts[colour], set.colours[text] = text, colour end
  end
  return set
end

--- Returns the label of a photo: its colour, or its text where that is no colour's, or 'none'. `name` is the colour
-- name that Lightroom returns, which is "gray" or "other" for no label as well as for a text of the photographer's.
function Labels.of(name, text, set)
  if COLOURS[name] then return name end
  if type(text) ~= 'string' or text == '' then return 'none' end
  return set.colours[text] or text
end

return Labels
