--[[ What stands in the fields of the settings dialog, and back: settings are one table, fields are flat and text.

The marks table is six rows on the form: four for keep, by score, and one each for cannot tell and reject. A keep row
without a score is not used; the last one always has score 0, for whatever is kept.
]]

local Settings = require 'Settings'

local SettingsForm = {}

--- The rows of the form in their order: the name that starts their fields, the verdict, and whether the score is 0
-- for good.
SettingsForm.ROWS = {
  { name = 'keep1', verdict = 'keep' },
  { name = 'keep2', verdict = 'keep' },
  { name = 'keep3', verdict = 'keep' },
  { name = 'keep4', verdict = 'keep', fixed = true },
  { name = 'cannotTell', verdict = 'cannot_tell', fixed = true },
  { name = 'reject', verdict = 'reject', fixed = true },
}

--- The marks table that the daemon has of its own, shown until the photographer makes another.
SettingsForm.DAEMON_MARKS = {
  { verdict = 'keep', score = 0.9, stars = 4, label = 'green', flag = 1 },
  { verdict = 'keep', score = 0.7, stars = 3, label = 'none', flag = 0 },
  { verdict = 'keep', score = 0.45, stars = 2, label = 'none', flag = 0 },
  { verdict = 'keep', score = 0, stars = 1, label = 'none', flag = 0 },
  { verdict = 'cannot_tell', score = 0, stars = 0, label = 'yellow', flag = 0 },
  { verdict = 'reject', score = 0, stars = 0, label = 'red', flag = -1 },
}

-- The settings that are a field of their own; confirmAbove and marks are texts on the form.
local PLAIN = {
  'profile', 'taste', 'policy', 'writeRating', 'writeLabel', 'writeFlag', 'markCopies', 'collections', 'keywords',
  'watchImports',
}

local EMPTY = { stars = 0, label = 'none', flag = 0 }

local function rowsOf(marks, verdict)
  local rows = {}
  for _, row in ipairs(marks) do
    if row.verdict == verdict then rows[#rows + 1] = row end
  end
  table.sort(rows, function(one, other) return one.score > other.score end)
  return rows
end

local function scored(marks)
  local rows = rowsOf(marks, 'keep')
  rows[#rows] = nil
  return rows
end

local function lowest(marks, verdict)
  local rows = rowsOf(marks, verdict)
  return rows[#rows]
end

local function fill(fields, place, row)
  fields[place.name .. 'Score'] = row.score and tostring(row.score) or ''
  fields[place.name .. 'Stars'] = row.stars
  fields[place.name .. 'Label'] = row.label
  fields[place.name .. 'Flag'] = row.flag
end

--- The fields of the form for `settings`, as a flat table.
function SettingsForm.fields(settings)
  local fields = { confirmAbove = tostring(settings.confirmAbove), ownMarks = settings.marks ~= nil }
  for _, name in ipairs(PLAIN) do
    fields[name] = settings[name]
  end
  local marks = settings.marks or SettingsForm.DAEMON_MARKS
  local keeps = scored(marks)
  for index, place in ipairs(SettingsForm.ROWS) do
    fill(fields, place, place.fixed and lowest(marks, place.verdict) or keeps[index] or EMPTY)
  end
  return fields
end

-- The number that a person typed, with a point or a comma; the text itself where it is no number.
local function number(text)
  return tonumber((tostring(text):gsub(',', '.'))) or text
end

local function isBlank(text)
  return tostring(text or ''):match('^%s*$') ~= nil
end

local function marks(fields)
  local rows = {}
  for _, place in ipairs(SettingsForm.ROWS) do
    local score = fields[place.name .. 'Score']
    if place.fixed or not isBlank(score) then
      rows[#rows + 1] = {
        verdict = place.verdict,
        score = place.fixed and 0 or number(score),
        stars = fields[place.name .. 'Stars'],
        label = fields[place.name .. 'Label'],
        flag = fields[place.name .. 'Flag'],
      }
    end
  end
  return rows
end

--- The settings that the form's fields ask for, not yet checked.
function SettingsForm.settings(fields)
  local settings = { confirmAbove = number(fields.confirmAbove) }
  for _, name in ipairs(PLAIN) do
    settings[name] = fields[name]
  end
  if fields.ownMarks then settings.marks = marks(fields) end
  return settings
end

--- The fields as they come from the factory.
function SettingsForm.factory()
  return SettingsForm.fields(Settings.factory())
end

return SettingsForm
