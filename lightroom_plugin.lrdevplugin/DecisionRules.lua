--[[ What the photographer decided about the photos of a folder, from the marks that she set by hand. Pure: no host.

Marks of ours decide nothing. A flag of hers decides. Many photographers never flag what they do not want: where a
folder has picks and no rejects, its photos without a flag were passed over, and where it has no flags but stars,
those without stars were. A photo that bears marks of ours was never passed over. `autocull learn` reads catalogs
and sidecars by the same rules.
]]

local CullPlan = require 'CullPlan'

local DecisionRules = {}

local CULLED = 0.01 -- from this share of chosen photos on, a folder counts as culled

-- Her flag (nil where she has none), whether she gave stars, and whether marks of ours are on the photo.
local function markedOf(marks)
  local hers = CullPlan.hers(marks)
  return {
    flag = hers.flag and marks.flag ~= 0 and marks.flag or nil,
    starred = hers.rating and marks.rating > 0,
    ours = next(marks.written or {}) ~= nil,
  }
end

local function countsOf(marked)
  local counts = { picks = 0, rejects = 0, starred = 0 }
  for _, each in ipairs(marked) do
    if each.flag == 1 then counts.picks = counts.picks + 1 end
    if each.flag == -1 then counts.rejects = counts.rejects + 1 end
    if each.starred then counts.starred = counts.starred + 1 end
  end
  return counts
end

local function decided(each, flagged, culled)
  if each.flag then return each.flag == 1 and 'select' or 'reject' end
  if each.starred and not flagged then return 'select' end
  return culled and not each.ours and 'reject' or nil
end

--- The decisions on the photos of one folder, whose marks (as CullPlan has them, with `written`) are given in an
-- array: "select", "reject", or false where nothing was decided, each at the photo's place.
function DecisionRules.among(folder)
  local marked, found = {}, {}
  for index, marks in ipairs(folder) do marked[index] = markedOf(marks) end
  local counts = countsOf(marked)
  local flagged = counts.picks + counts.rejects > 0
  local chosen = flagged and counts.picks or counts.starred
  local culled = counts.rejects == 0 and chosen >= math.max(1, CULLED * #marked)
  for index, each in ipairs(marked) do found[index] = decided(each, flagged, culled) or false end
  return found
end

return DecisionRules
