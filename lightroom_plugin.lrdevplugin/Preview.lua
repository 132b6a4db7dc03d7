--[[ *Preview verdicts…*: shows counts by verdict and by reason before anything is written, and offers to write the
marks. ]]

local LrDialogs = import 'LrDialogs'
local LrView = import 'LrView'

local CatalogReader = require 'CatalogReader'
local CullCommands = require 'CullCommands'
local CullRun = require 'CullRun'
local RunCounts = require 'RunCounts'
local RunReport = require 'RunReport'
local Settings = require 'Settings'
local Stacks = require 'Stacks'

local Preview = {}

--- Returns the lines of the dialog: counts, reasons, photos that were left out, and that nothing is written yet.
function Preview.lines(tally)
  local lines = RunReport.verdictLines(tally)
  for _, line in ipairs(RunReport.leftOutLines(tally)) do lines[#lines + 1] = line end
  if tally.cancelled then
    lines[#lines + 1] = LOC '$$$/Autocull/Preview/Cancelled=It was cancelled: the other photos were not judged.'
  end
  lines[#lines + 1] = LOC '$$$/Autocull/Preview/Nothing=Nothing has been written yet.'
  return lines
end

local function contents(view, lines)
  local column = { spacing = view:control_spacing() }
  for index, line in ipairs(lines) do
    column[index] = view:static_text { title = line, width_in_chars = 70, height_in_lines = -1, wrap = true }
  end
  return view:column(column)
end

local function confirm(tally)
  local answer = LrDialogs.presentModalDialog {
    title = LOC '$$$/Autocull/Preview/Title=Preview of the verdicts',
    contents = contents(LrView.osFactory(), Preview.lines(tally)),
    actionVerb = LOC '$$$/Autocull/Preview/Apply=Write the marks',
    cancelVerb = LOC '$$$/Autocull/Preview/Close=Close',
  }
  return answer == 'ok'
end

local function argsOf(context, photos, progress, settings)
  return {
    photos = photos,
    source = 'user',
    context = context,
    progress = progress,
    settings = settings,
    dryRun = true,
  }
end

local function apply(context, photos, settings, preview)
  local progress = CullCommands.showProgress(context, LOC '$$$/Autocull/Preview/Applying=Auto-cull: writing the marks')
  local args = argsOf(context, photos, progress, settings)
  args.dryRun, args.preview = false, preview
  return CullCommands.finish(progress, settings, CullRun.cull(args))
end

local function present(context, photos, settings, tally)
  if RunCounts.judged(tally) == 0 then
    CullRun.acknowledge(tally)
    return LrDialogs.message(
      LOC '$$$/Autocull/Preview/None=No photo was judged', table.concat(Preview.lines(tally), '\n'), 'info'
    )
  end
  if not confirm(tally) then return CullRun.acknowledge(tally) end
  return apply(context, photos, settings, tally)
end

--- The menu item. Task needed.
function Preview.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local progress = CullCommands.start(context, LOC '$$$/Autocull/Preview/Progress=Auto-cull: preview of the verdicts')
  if not progress then return nil end
  local shown, err = CatalogReader.selection()
  local settings, photos, inStacks, tally = Settings.all(), nil, 0, nil
  if shown then photos, inStacks = Stacks.offer(shown) end
  if photos and CullCommands.confirm(#photos, settings) then
    local args = argsOf(context, photos, progress, settings)
    args.inStacks = inStacks
    tally, err = CullRun.cull(args)
  end
  progress:done()
  if tally then return present(context, photos, settings, tally) end
  if err then return RunReport.showFailure(err) end
  return nil
end

return Preview
