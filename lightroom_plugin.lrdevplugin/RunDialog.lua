--[[ *Auto-cull…*: one dialog before a run, with which photos, how strictly, which marks. Its answers are the settings,
and are remembered; *Auto-cull again as last time* runs without it.
]]

local LrBinding = import 'LrBinding'
local LrDialogs = import 'LrDialogs'
local LrPrefs = import 'LrPrefs'
local LrView = import 'LrView'

local ApiClient = require 'ApiClient'
local CullCommands = require 'CullCommands'
local JudgingControls = require 'JudgingControls'
local KeepLimit = require 'KeepLimit'
local RunReport = require 'RunReport'
local RunScope = require 'RunScope'
local Settings = require 'Settings'
local SmartCollections = require 'SmartCollections'

local RunDialog = {}

local bind = LrView.bind

-- The settings that the dialog changes.
local ANSWERS = { 'profile', 'taste', 'strictness', 'writeRating', 'writeLabel', 'writeFlag' }

local READY = {
  { title = LOC '$$$/Autocull/RunDialog/AllMarks=All marks', writeRating = true, writeLabel = true, writeFlag = true },
  {
    title = LOC '$$$/Autocull/RunDialog/Colours=Colours only, flags left to me',
    writeRating = false,
    writeLabel = true,
    writeFlag = false,
  },
  {
    title = LOC '$$$/Autocull/RunDialog/NoMarks=No marks: look first',
    writeRating = false,
    writeLabel = false,
    writeFlag = false,
  },
}

-- The names of the tastes that were learned; none where the daemon does not run.
local function tastes()
  local choices = ApiClient.settings()
  local names = choices and choices.tastes
  return type(names) == 'table' and names or {}
end

local function judgingBox(view)
  return view:group_box {
    title = LOC '$$$/Autocull/Settings/Judging=How photos are judged',
    JudgingControls.profile(view),
    JudgingControls.strictness(view),
    JudgingControls.taste(view, bind 'tastes'),
  }
end

local function readyButton(view, fields, ready)
  return view:push_button {
    title = ready.title,
    action = function()
      fields.writeRating, fields.writeLabel, fields.writeFlag = ready.writeRating, ready.writeLabel, ready.writeFlag
    end,
  }
end

local function marksBox(view, fields)
  local buttons = {}
  for index, ready in ipairs(READY) do buttons[index] = readyButton(view, fields, ready) end
  return view:group_box {
    title = LOC '$$$/Autocull/Settings/Writing=What is written',
    view:row {
      view:checkbox { title = Settings.title 'writeRating', value = bind 'writeRating' },
      view:checkbox { title = Settings.title 'writeLabel', value = bind 'writeLabel' },
      view:checkbox { title = Settings.title 'writeFlag', value = bind 'writeFlag' },
    },
    view:row(buttons),
    view:static_text {
      title = LOC '$$$/Autocull/RunDialog/Fields=Verdict and reasons are always written to the fields of Autocull.',
    },
  }
end

local function keepRow(view)
  return JudgingControls.labelled(view, LOC '$$$/Autocull/RunDialog/Keep=Keep about', view:row {
    view:edit_field { value = bind 'keepAbout', width_in_chars = 8, immediate = true },
    view:static_text { title = LOC '$$$/Autocull/RunDialog/KeepInfo=photos (empty: all that are kept)' },
  })
end

local function contents(fields, scopes)
  local view = LrView.osFactory()
  return view:column {
    bind_to_object = fields,
    spacing = view:control_spacing(),
    JudgingControls.labelled(
      view, LOC '$$$/Autocull/RunDialog/What=Which photos', view:popup_menu { items = scopes, value = bind 'scope' }
    ),
    view:checkbox {
      title = LOC '$$$/Autocull/RunDialog/Stacks=And the photos in collapsed stacks', value = bind 'inStacks',
    },
    judgingBox(view),
    keepRow(view),
    marksBox(view, fields),
    view:checkbox {
      title = LOC '$$$/Autocull/RunDialog/Review=Then show the photos to review', value = bind 'thenReview',
    },
  }
end

-- Returns the last answers that are no settings, for CullCommands.run.
local function lastAnswers()
  local prefs = LrPrefs.prefsForPlugin()
  local isValid, keepAbout = KeepLimit.parse(prefs.lastKeepAbout)
  return {
    keepAbout = isValid and keepAbout or nil,
    inStacks = prefs.lastInStacks ~= false,
    thenReview = prefs.lastThenReview == true,
  }
end

local function fieldsOf(context, scopes)
  local fields, settings = LrBinding.makePropertyTable(context), Settings.all()
  for _, name in ipairs(ANSWERS) do fields[name] = settings[name] end
  fields.tastes = JudgingControls.tasteItems(tastes(), settings.taste)
  fields.scope = RunScope.choose(scopes, LrPrefs.prefsForPlugin().lastScope)
  local last = lastAnswers()
  fields.keepAbout, fields.inStacks, fields.thenReview = tostring(last.keepAbout or ''), last.inStacks, last.thenReview
  return fields
end

local function remember(fields)
  local isValid, keepAbout = KeepLimit.parse(fields.keepAbout)
  if not isValid then
    local message = LOC '$$$/Autocull/RunDialog/BadKeep=Keep about: enter a whole number above 0, or nothing.'
    return nil, { kind = 'plugin', code = 'bad_number', message = message }
  end
  for _, name in ipairs(ANSWERS) do
    local ok, err = Settings.set(name, fields[name])
    if not ok then return nil, err end
  end
  local prefs = LrPrefs.prefsForPlugin()
  prefs.lastScope, prefs.lastKeepAbout = fields.scope, tostring(keepAbout or '')
  prefs.lastInStacks, prefs.lastThenReview = fields.inStacks, fields.thenReview
  return true
end

local function confirm(fields, scopes)
  local answer = LrDialogs.presentModalDialog {
    title = LOC '$$$/Autocull/RunDialog/Title=Auto-cull',
    contents = contents(fields, scopes),
    actionVerb = LOC '$$$/Autocull/Run/ManyGo=Auto-cull',
  }
  return answer == 'ok'
end

-- Runs with the last answers, and shows what is to be reviewed where that is wanted.
local function run(context, scopes, scope, isConfirmed)
  local answers = lastAnswers()
  answers.isConfirmed = isConfirmed
  local isComplete = CullCommands.run(context, RunScope.photos(scopes, scope), answers)
  if isComplete and answers.thenReview then SmartCollections.show(context) end
end

--- The menu item *Auto-cull…*. Task needed.
function RunDialog.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local scopes, err = RunScope.offered()
  if not scopes then return RunReport.showFailure(err) end
  local fields = fieldsOf(context, scopes)
  local ok, why
  repeat
    if not confirm(fields, scopes) then return nil end
    ok, why = remember(fields)
    if not ok then RunReport.showFailure(why) end
  until ok
  return run(context, scopes, fields.scope, true)
end

--- The menu item *Auto-cull again as last time*. Task needed.
function RunDialog.repeatLast(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local scopes, err = RunScope.offered()
  if not scopes then return RunReport.showFailure(err) end
  local scope = RunScope.choose(scopes, LrPrefs.prefsForPlugin().lastScope)
  return run(context, scopes, scope, false)
end

return RunDialog
