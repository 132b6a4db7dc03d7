--[[ Converts settings to fields of the settings dialog and back: settings are one table, fields are flat and text.

The marks table has six rows in the dialog: four for keep, by score, and one each for cannot tell and reject. A keep row
without a score is not used; the last one always has score 0, for every photo that is kept.
]]

local Settings = require 'Settings'

local SettingsForm = {}

--- The rows of the dialog in their order: the prefix of their fields' names, the verdict, and whether the score is
-- always 0.
SettingsForm.ROWS = {
  { name = 'keep1', verdict = 'keep' },
  { name = 'keep2', verdict = 'keep' },
  { name = 'keep3', verdict = 'keep' },
  { name = 'keep4', verdict = 'keep', fixed = true },
  { name = 'cannotTell', verdict = 'cannot_tell', fixed = true },
  { name = 'reject', verdict = 'reject', fixed = true },
}

--- The daemon's default marks table, shown until the photographer changes it.
SettingsForm.DAEMON_MARKS = {
  { verdict = 'keep', score = 0.9, stars = 4, label = 'green', flag = 1 },
  { verdict = 'keep', score = 0.7, stars = 3, label = 'none', flag = 0 },
  { verdict = 'keep', score = 0.45, stars = 2, label = 'none', flag = 0 },
  { verdict = 'keep', score = 0, stars = 1, label = 'none', flag = 0 },
  { verdict = 'cannot_tell', score = 0, stars = 0, label = 'yellow', flag = 0 },
  { verdict = 'reject', score = 0, stars = 0, label = 'red', flag = -1 },
}

-- The settings with a field of their own type; confirmAbove and marks are texts in the dialog.
local PLAIN = {
  'profile', 'taste', 'strictness', 'policy', 'writeRating', 'writeLabel', 'writeFlag', 'markCopies', 'collections',
  'keywords', 'watchImports',
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

local function fill(fields, formRow, row)
  fields[formRow.name .. 'Score'] = row.score and tostring(row.score) or ''
  fields[formRow.name .. 'Stars'] = row.stars
  fields[formRow.name .. 'Label'] = row.label
  fields[formRow.name .. 'Flag'] = row.flag
end

--- Returns the fields of the dialog for `settings`, as a flat table.
function SettingsForm.fields(settings)
  local fields = { confirmAbove = tostring(settings.confirmAbove), ownMarks = settings.marks ~= nil }
  for _, name in ipairs(PLAIN) do
    fields[name] = settings[name]
  end
  local marks = settings.marks or SettingsForm.DAEMON_MARKS
  local keeps = scored(marks)
  for index, formRow in ipairs(SettingsForm.ROWS) do
    fill(fields, formRow, formRow.fixed and lowest(marks, formRow.verdict) or keeps[index] or EMPTY)
  end
  return fields
end

-- Parses a number with a point or a comma; returns the text itself where it is no number.
local function number(text)
  return tonumber((tostring(text):gsub(',', '.'))) or text
end

local function isBlank(text)
  return tostring(text or ''):match('^%s*$') ~= nil
end

local function marks(fields)
  local rows = {}
  for _, formRow in ipairs(SettingsForm.ROWS) do
    local score = fields[formRow.name .. 'Score']
    if formRow.fixed or not isBlank(score) then
      rows[#rows + 1] = {
        verdict = formRow.verdict,
        score = formRow.fixed and 0 or number(score),
        stars = fields[formRow.name .. 'Stars'],
        label = fields[formRow.name .. 'Label'],
        flag = fields[formRow.name .. 'Flag'],
      }
    end
  end
  return rows
end

--- Returns the settings of the dialog's fields, not yet checked.
function SettingsForm.settings(fields)
  local settings = { confirmAbove = number(fields.confirmAbove) }
  for _, name in ipairs(PLAIN) do
    settings[name] = fields[name]
  end
  if fields.ownMarks then settings.marks = marks(fields) end
  return settings
end

--- Returns the fields of the default settings.
function SettingsForm.defaults()
  return SettingsForm.fields(Settings.defaults())
end

return SettingsForm
