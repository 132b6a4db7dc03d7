--[[ The settings dialog. For invalid input it shows an error, and opens again with what was typed. ]]

local LrBinding = import 'LrBinding'
local LrDialogs = import 'LrDialogs'
local LrView = import 'LrView'

local ImportWatchToggle = require 'ImportWatchToggle'
local JudgingControls = require 'JudgingControls'
local Settings = require 'Settings'
local SettingsForm = require 'SettingsForm'

local SettingsDialog = {}

local bind, share = LrView.bind, LrView.share

local POLICIES = {
  { value = 'respect', title = LOC '$$$/Autocull/Policy/Respect=Respect: what I marked stays as it is' },
  { value = 'fill', title = LOC '$$$/Autocull/Policy/Fill=Fill: write every mark that is not set' },
  { value = 'overwrite', title = LOC '$$$/Autocull/Policy/Overwrite=Overwrite: write all marks, also over mine' },
}

local STARS = { { value = 0, title = LOC '$$$/Autocull/Stars/None=no stars' } }
for count = 1, 5 do
  STARS[#STARS + 1] = { value = count, title = string.rep('★', count) }
end

local LABELS = {
  { value = 'none', title = LOC '$$$/Autocull/Label/None=no label' },
  { value = 'red', title = LOC '$$$/Autocull/Label/Red=red' },
  { value = 'yellow', title = LOC '$$$/Autocull/Label/Yellow=yellow' },
  { value = 'green', title = LOC '$$$/Autocull/Label/Green=green' },
  { value = 'blue', title = LOC '$$$/Autocull/Label/Blue=blue' },
  { value = 'purple', title = LOC '$$$/Autocull/Label/Purple=purple' },
}

local FLAGS = {
  { value = 1, title = LOC '$$$/Autocull/Flag/Pick=picked' },
  { value = 0, title = LOC '$$$/Autocull/Flag/None=no flag' },
  { value = -1, title = LOC '$$$/Autocull/Flag/Reject=rejected' },
}

local VERDICTS = {
  keep = LOC '$$$/Autocull/Verdict/Keep=Keep',
  cannot_tell = LOC '$$$/Autocull/Verdict/CannotTell=Cannot tell',
  reject = LOC '$$$/Autocull/Verdict/Reject=Reject',
}

local function checkbox(view, name)
  return view:checkbox { title = Settings.title(name), value = bind(name) }
end

local labelled = JudgingControls.labelled

local function judgingBox(view)
  return view:group_box {
    title = LOC '$$$/Autocull/Settings/Judging=How photos are judged',
    JudgingControls.profile(view),
    JudgingControls.strictness(view),
    labelled(view, Settings.title 'taste', view:edit_field {
      value = bind 'taste', width_in_chars = 24, immediate = true,
    }),
  }
end

local function writingBox(view)
  return view:group_box {
    title = LOC '$$$/Autocull/Settings/Writing=What is written',
    labelled(view, Settings.title 'policy', view:popup_menu { items = POLICIES, value = bind 'policy' }),
    view:row {
      checkbox(view, 'writeRating'),
      checkbox(view, 'writeLabel'),
      checkbox(view, 'writeFlag'),
    },
    checkbox(view, 'markCopies'),
    checkbox(view, 'collections'),
    checkbox(view, 'keywords'),
  }
end

local function scoreField(view, row)
  if row.fixed then
    return view:static_text {
      title = LOC '$$$/Autocull/Settings/AnyScore=any score',
      width = share 'autocullScore',
    }
  end
  return view:edit_field {
    value = bind(row.name .. 'Score'), width = share 'autocullScore', enabled = bind 'ownMarks', immediate = true,
  }
end

-- The menus of one kind are as wide as the widest of them, so that the rows are a table.
local function markMenu(view, row, kind, items)
  return view:popup_menu {
    items = items,
    value = bind(row.name .. kind),
    enabled = bind 'ownMarks',
    width = share('autocull' .. kind),
  }
end

local function marksRow(view, row)
  return view:row {
    view:static_text { title = VERDICTS[row.verdict], width = share 'autocullVerdict' },
    scoreField(view, row),
    markMenu(view, row, 'Stars', STARS),
    markMenu(view, row, 'Label', LABELS),
    markMenu(view, row, 'Flag', FLAGS),
  }
end

local function marksBox(view)
  local box = {
    title = LOC '$$$/Autocull/Settings/Marks=Marks for each verdict, from this score on (0 to 1)',
    view:checkbox { title = Settings.title 'marks', value = bind 'ownMarks' },
  }
  for _, row in ipairs(SettingsForm.ROWS) do
    box[#box + 1] = marksRow(view, row)
  end
  return view:group_box(box)
end

local function runsBox(view, fields)
  return view:group_box {
    title = LOC '$$$/Autocull/Settings/Runs=Runs',
    labelled(
      view,
      Settings.title 'confirmAbove',
      view:edit_field { value = bind 'confirmAbove', width_in_chars = 8, immediate = true }
    ),
    checkbox(view, 'watchImports'),
    view:push_button {
      title = LOC '$$$/Autocull/Settings/Reset=Reset to defaults',
      action = function() SettingsDialog.setFields(fields, SettingsForm.defaults()) end,
    },
  }
end

--- Sets `values` in the observable table `fields`.
function SettingsDialog.setFields(fields, values)
  for name, value in pairs(values) do
    fields[name] = value
  end
end

local function contents(view, fields)
  return view:column {
    bind_to_object = fields,
    spacing = view:control_spacing(),
    judgingBox(view),
    writingBox(view),
    marksBox(view),
    runsBox(view, fields),
  }
end

-- Saves the settings except that of the import watch: switching it needs the catalog and may fail.
local function save(fields)
  local wanted = SettingsForm.settings(fields)
  wanted.watchImports = Settings.all().watchImports
  return Settings.save(wanted)
end

local function switchWatch(context, fields)
  if fields.watchImports == Settings.all().watchImports then return end
  if not fields.watchImports then return ImportWatchToggle.disable() end
  local ok, err = ImportWatchToggle.enable(context)
  if not ok then ImportWatchToggle.showFailure(err) end
end

local function prompt(fields)
  local answer = LrDialogs.presentModalDialog {
    title = LOC '$$$/Autocull/Settings/Title=Autocull settings',
    contents = contents(LrView.osFactory(), fields),
    actionVerb = LOC '$$$/Autocull/Settings/Save=Save',
  }
  return answer == 'ok'
end

local function refuse(err)
  local text = err.message .. (err.hint and ' ' .. err.hint or '')
  LrDialogs.message(LOC '$$$/Autocull/Settings/Refused=These settings are not saved', text, 'warning')
end

--- The menu item: shows the settings until they are saved or the dialog is cancelled. Task needed.
function SettingsDialog.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local fields = LrBinding.makePropertyTable(context)
  SettingsDialog.setFields(fields, SettingsForm.fields(Settings.all()))
  while prompt(fields) do
    local ok, err = save(fields)
    if ok then return switchWatch(context, fields) end
    refuse(err)
  end
end

return SettingsDialog
