--[[ The dialog of *Undo last auto-cull*: the runs that can be undone, each with its local date and time and its number
of photos. The newest is chosen.
]]

local LrBinding = import 'LrBinding'
local LrDate = import 'LrDate'
local LrDialogs = import 'LrDialogs'
local LrView = import 'LrView'

local UndoChoice = {}

local bind = LrView.bind

-- Days from 1970-01-01 to a date, counted in years that begin in March, so that a leap day is the last of its year.
local function daysOf(year, month, day)
  if month <= 2 then year = year - 1 end
  local march = (month + 9) % 12
  local leaps = math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400)
  return 365 * year + leaps + math.floor((153 * march + 2) / 5) + day - 1 - 719468
end

--- Returns the seconds from 1970 of the daemon's UTC time, "2026-11-21T10:00:00Z"; nil for another text.
function UndoChoice.posixTime(text)
  local year, month, day, hour, minute, second =
    tostring(text):match '^(%d%d%d%d)%-(%d%d)%-(%d%d)T(%d%d):(%d%d):(%d%d)'
  if not year then return nil end
  local days = daysOf(tonumber(year), tonumber(month), tonumber(day))
  return ((days * 24 + tonumber(hour)) * 60 + tonumber(minute)) * 60 + tonumber(second)
end

-- The time of a journal on the photographer's clock.
local function localTime(created)
  local posix = UndoChoice.posixTime(created)
  if not posix then return tostring(created) end
  return LrDate.timeToUserFormat(LrDate.timeFromPosixDate(posix), '%Y-%m-%d %H:%M')
end

local function itemsOf(journals)
  local items = {}
  for index, journal in ipairs(journals) do
    local count = string.format('%.0f', journal.entries)
    local title = LOC('$$$/Autocull/Undo/Run=^1, photos: ^2', localTime(journal.created), count)
    items[index] = { value = index, title = title }
  end
  return items
end

local function contents(view, fields, items)
  return view:column {
    bind_to_object = fields,
    spacing = view:control_spacing(),
    view:row {
      view:static_text { title = LOC '$$$/Autocull/Undo/Which=Undo the auto-cull of' },
      view:popup_menu { items = items, value = bind 'index' },
    },
    view:static_text {
      title = LOC '$$$/Autocull/Undo/AskInfo=Marks that you have changed since then stay as they are.',
    },
  }
end

--- Returns the journal that the photographer chooses of `journals` (newest first), or nil. Task needed.
function UndoChoice.choose(context, journals)
  local fields = LrBinding.makePropertyTable(context)
  fields.index = 1
  local answer = LrDialogs.presentModalDialog {
    title = LOC '$$$/Autocull/Action/Undo=Undo auto-cull',
    contents = contents(LrView.osFactory(), fields, itemsOf(journals)),
    actionVerb = LOC '$$$/Autocull/Undo/Go=Undo',
  }
  return answer == 'ok' and journals[fields.index] or nil
end

return UndoChoice
