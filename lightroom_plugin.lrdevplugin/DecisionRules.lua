--[[ Decision rules: what the photographer decided about the photos of a folder, from the marks set by hand. Pure: no
host.

Marks that Autocull wrote decide nothing. A flag decides. Many photographers never flag what they do not want: where a
folder has picks and no rejects, its photos without a flag were passed over, and where it has no flags but stars,
those without stars were. Stars select wherever there are no picks. A photo with marks of Autocull's was never passed
over. `autocull learn` applies the same rules to catalogs and sidecars; tests/decision_cases.json holds the cases of
both.
]]

local CullPlan = require 'CullPlan'

local DecisionRules = {}

local CULLED = 0.01 -- from this share of selected photos on, a folder counts as culled

-- The photographer's flag (nil without one), whether the photographer gave stars, and whether marks of Autocull's are
-- on the photo.
local function userMarksOf(marks)
  local userSet = CullPlan.userSet(marks)
  return {
    flag = userSet.flag and marks.flag ~= 0 and marks.flag or nil,
    starred = userSet.rating and marks.rating > 0,
    hasOwnMarks = CullPlan.hasWritten(marks),
  }
end

local function countMarks(photos)
  local counts = { picks = 0, rejects = 0, starred = 0 }
  for _, photo in ipairs(photos) do
    if photo.flag == 1 then counts.picks = counts.picks + 1 end
    if photo.flag == -1 then counts.rejects = counts.rejects + 1 end
    if photo.starred then counts.starred = counts.starred + 1 end
  end
  return counts
end

local function decide(photo, picked, culled)
  if photo.flag then return photo.flag == 1 and 'select' or 'reject' end
  if photo.starred and not picked then return 'select' end
  return culled and not photo.hasOwnMarks and 'reject' or nil
end

--- Returns the decisions on the photos of one folder, from an array of their marks (as CullPlan has them, with
-- `written`): an array of "select", "reject", or false where nothing was decided.
function DecisionRules.among(folder)
  local photos, decisions = {}, {}
  for index, marks in ipairs(folder) do photos[index] = userMarksOf(marks) end
  local counts = countMarks(photos)
  local picked = counts.picks > 0
  local selected = picked and counts.picks or counts.starred
  local culled = counts.rejects == 0 and selected >= math.max(1, CULLED * #photos)
  for index, photo in ipairs(photos) do decisions[index] = decide(photo, picked, culled) or false end
  return decisions
end

return DecisionRules
