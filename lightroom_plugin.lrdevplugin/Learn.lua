--[[ *Learn from my picks…*: sends the photographer's picks and rejects to the daemon, which learns from them how likely
the photographer would select a photo. Writes nothing to the catalog.
]]

local LrBinding = import 'LrBinding'
local LrDialogs = import 'LrDialogs'
local LrTasks = import 'LrTasks'
local LrView = import 'LrView'

local ApiClient = require 'ApiClient'
local CullCommands = require 'CullCommands'
local DaemonControl = require 'DaemonControl'
local DaemonMessages = require 'DaemonMessages'
local DecisionCollector = require 'DecisionCollector'
local LastReport = require 'LastReport'
local Log = require 'Log'
local ReasonTexts = require 'ReasonTexts'
local RunReport = require 'RunReport'
local Settings = require 'Settings'

local Learn = {}

local BATCH = 1000 -- the most decisions that the protocol accepts at once
local POLL = 1
local FIRST_NAME = 'mine'

local function title()
  return LOC '$$$/Autocull/Learn/Title=Learn from my picks'
end

local function row(view, text)
  return view:static_text { title = text, width_in_chars = 60, height_in_lines = -1, wrap = true }
end

local function contents(view, fields, picks)
  local many = { tostring(picks.select), tostring(picks.reject), tostring(picks.total) }
  return view:column {
    bind_to_object = fields,
    spacing = view:control_spacing(),
    row(view, LOC('$$$/Autocull/Learn/Found=^1 photos picked and ^2 rejected or passed over, among ^3', unpack(many))),
    row(view, LOC '$$$/Autocull/Learn/OwnMarks=Only marks that you set yourself count, never those of an auto-cull.'),
    row(view, LOC '$$$/Autocull/Learn/Passed=Where you rejected none, photos that you did not pick were passed over.'),
    view:row {
      view:static_text { title = LOC '$$$/Autocull/Learn/Name=Name of this taste' },
      view:edit_field { value = LrView.bind 'name', width_in_chars = 30, immediate = true },
    },
    row(view, LOC '$$$/Autocull/Learn/Takes=Photos that are new to Autocull are measured first, which takes a while.'),
  }
end

-- Returns the name of the taste that the photographer enters; nil where the dialog is cancelled.
local function promptName(context, picks)
  local fields = LrBinding.makePropertyTable(context)
  fields.name = Settings.all().taste ~= '' and Settings.all().taste or FIRST_NAME
  while true do
    local answer = LrDialogs.presentModalDialog {
      title = title(),
      contents = contents(LrView.osFactory(), fields, picks),
      actionVerb = LOC '$$$/Autocull/Learn/Go=Learn',
    }
    if answer ~= 'ok' then return nil end
    local ok, err = Settings.check('taste', fields.name)
    if ok and fields.name ~= '' then return fields.name end
    LrDialogs.message(LOC '$$$/Autocull/Learn/NoName=A taste needs a name', err and err.message, 'warning')
  end
end

local function send(name, decisions)
  local learning, err
  for first = 1, #decisions, BATCH do
    local last = math.min(first + BATCH - 1, #decisions)
    local batch, more = { unpack(decisions, first, last) }, last < #decisions
    if learning then
      learning, err = ApiClient.addDecisions(learning.id, batch, more)
    else
      learning, err = ApiClient.startLearning(name, batch, more)
    end
    if not learning then return nil, err end
    LrTasks.yield()
  end
  return learning
end

local function showStep(progress, learning)
  if learning.total and learning.measured and learning.measured < learning.total then
    progress:setPortionComplete(learning.measured, learning.total)
    local measured, total = string.format('%.0f', learning.measured), string.format('%.0f', learning.total)
    progress:setCaption(LOC('$$$/Autocull/Learn/Measuring=Measuring your photos: ^1 of ^2', measured, total))
  else
    progress:setCaption(LOC '$$$/Autocull/Learn/Learning=Learning')
  end
end

-- Waits for the end of a learning: returns it, or nil and an error.
local function waitForLearning(progress, learning)
  local err
  while learning.state == 'running' or learning.state == 'open' do
    if progress:isCanceled() then
      learning, err = ApiClient.cancelLearning(learning.id)
    else
      showStep(progress, learning)
      LrTasks.sleep(POLL)
      learning, err = ApiClient.learning(learning.id)
    end
    if not learning then return nil, err end
  end
  return learning
end

--- Returns the text on what was learned.
function Learn.text(learning)
  local decisions, selects = string.format('%.0f', learning.decisions), string.format('%.0f', learning.selects)
  local lines = { LOC('$$$/Autocull/Learn/From=Learned from ^1 decisions, ^2 of them picks.', decisions, selects) }
  if learning.acts then
    lines[2] = LOC '$$$/Autocull/Learn/Better=On shoots that it did not learn from it was surely better than without.'
    lines[3] = LOC '$$$/Autocull/Learn/Acts=So it decides, once you use it.'
    lines[4] = ReasonTexts.promise(learning.promise)
  else
    lines[2] =
      LOC '$$$/Autocull/Learn/NotBetter=On shoots that it did not learn from it was not surely better than without.'
    lines[3] = LOC '$$$/Autocull/Learn/Shows=So it only shows how likely you would select a photo, and decides nothing.'
  end
  return table.concat(lines, '\n')
end

-- It may have taken an hour, so its end is a bezel too; *Show last report* offers to use the taste.
local function showResult(learning, name)
  if learning.state == 'cancelled' then
    return LrDialogs.showBezel(LOC '$$$/Autocull/Learn/Cancelled=It was cancelled: nothing was learned', 3)
  end
  if learning.state == 'failed' then
    local why = DaemonMessages.text(learning.problem or { code = 'failed', message = learning.message })
    return RunReport.closeFailure { message = LOC '$$$/Autocull/Learn/Nothing=Nothing was learned', hint = why }
  end
  local heading = LOC('$$$/Autocull/Learn/Done=Your taste ^1 is learned', name)
  local line = LOC('$$$/Autocull/Report/OutcomeMore=^1. More in Show last report', heading)
  return LastReport.close(line, heading, Learn.text(learning), 'info', { name = name, file = learning.report })
end

local function nothingMarked(picks)
  return LrDialogs.message(
    LOC '$$$/Autocull/Learn/NoPicks=There is nothing to learn from',
    LOC('$$$/Autocull/Learn/NoPicksInfo=Among ^1 photos none was picked or rejected by hand.', tostring(picks.total))
      .. ' ' .. LOC '$$$/Autocull/Learn/NoPicksHint=Show or select shoots that you culled yourself.',
    'info'
  )
end

local function learn(context, name, picks)
  local progress = CullCommands.showProgress(context, title())
  local ready, err = DaemonControl.ensure(context, progress)
  local learning
  if ready then learning, err = send(name, picks.decisions) end
  if learning then learning, err = waitForLearning(progress, learning) end
  progress:done()
  if not learning then return CullCommands.fail(err) end
  Log.info('learning ended: ' .. learning.state)
  return showResult(learning, name)
end

--- The menu item. Task needed.
function Learn.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local progress = CullCommands.showProgress(context, LOC '$$$/Autocull/Learn/Reading=Autocull reads your picks')
  local picks = DecisionCollector.collect(progress)
  progress:done()
  if not picks then return nil end
  if #picks.decisions == 0 then return nothingMarked(picks) end
  local name = promptName(context, picks)
  if not name then return nil end
  return learn(context, name, picks)
end

return Learn
