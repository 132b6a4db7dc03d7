--[[ The controls of how photos are judged, for the settings dialog and the dialog before a run. ]]

local LrView = import 'LrView'

local Settings = require 'Settings'
local Strictness = require 'Strictness'

local JudgingControls = {}

local bind, share = LrView.bind, LrView.share

local PROFILES = {
  { value = 'balanced', title = LOC '$$$/Autocull/Profile/Balanced=Balanced' },
  { value = 'portrait', title = LOC '$$$/Autocull/Profile/Portrait=Portrait' },
  { value = 'event', title = LOC '$$$/Autocull/Profile/Event=Event and wedding' },
  { value = 'landscape', title = LOC '$$$/Autocull/Profile/Landscape=Landscape' },
  { value = 'sports', title = LOC '$$$/Autocull/Profile/Sports=Sports and action' },
  { value = 'product', title = LOC '$$$/Autocull/Profile/Product=Product' },
}

local STEPS = {
  [-2] = LOC '$$$/Autocull/Strictness/Lenient=lenient',
  [-1] = LOC '$$$/Autocull/Strictness/RatherLenient=rather lenient',
  [0] = LOC '$$$/Autocull/Strictness/AsProfile=as the kind of shoot has it',
  [1] = LOC '$$$/Autocull/Strictness/RatherStrict=rather strict',
  [2] = LOC '$$$/Autocull/Strictness/Strict=strict',
}

--- Returns a row with a title before its control; all titles of a dialog are as wide as the longest one.
function JudgingControls.labelled(view, title, control)
  return view:row { view:static_text { title = title, width = share 'autocullTitle' }, control }
end

--- Returns the menu of the kinds of shoot.
function JudgingControls.profile(view)
  return JudgingControls.labelled(
    view, Settings.title 'profile', view:popup_menu { items = PROFILES, value = bind 'profile' }
  )
end

--- Returns the slider of the strictness with its step in words.
function JudgingControls.strictness(view)
  local word = bind {
    key = 'strictness',
    transform = function(step) return STEPS[step] or '' end,
  }
  return JudgingControls.labelled(view, Settings.title 'strictness', view:row {
    view:slider { value = bind 'strictness', min = -Strictness.MOST, max = Strictness.MOST, integral = true },
    view:static_text { title = word, width_in_chars = 32 },
  })
end

--- Returns the menu of tastes; `items` are of tasteItems, or a binding to them.
function JudgingControls.taste(view, items)
  return JudgingControls.labelled(
    view, LOC '$$$/Autocull/RunDialog/Taste=My own taste', view:popup_menu { items = items, value = bind 'taste' }
  )
end

--- Returns the items of the menu of tastes: none, the learned ones, and the one in use.
function JudgingControls.tasteItems(names, current)
  local items, isListed = { { value = '', title = LOC '$$$/Autocull/RunDialog/NoTaste=none' } }, current == ''
  for _, name in ipairs(names) do
    items[#items + 1] = { value = name, title = name }
    isListed = isListed or name == current
  end
  if not isListed then items[#items + 1] = { value = current, title = current } end
  return items
end

return JudgingControls
