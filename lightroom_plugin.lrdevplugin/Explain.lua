--[[ *Explain this photo*: the verdict of the active photo, with measured values and limits. It is judged within its
series where the last auto-cull found one. Writes nothing.
]]

local LrApplication = import 'LrApplication'
local LrDialogs = import 'LrDialogs'
local LrPathUtils = import 'LrPathUtils'

local CatalogReader = require 'CatalogReader'
local CullCommands = require 'CullCommands'
local CullRun = require 'CullRun'
local PhotoErrors = require 'PhotoErrors'
local ReasonTexts = require 'ReasonTexts'
local RunReport = require 'RunReport'
local Settings = require 'Settings'

local Explain = {}

local function percent(value)
  return string.format('%.0f %%', 100 * value)
end

local function add(lines, value, line)
  if value then lines[#lines + 1] = line(value) end
end

--- Returns the text of one result: reasons, score, series, taste, focus, eyes, category and model.
function Explain.text(result)
  local lines = {}
  for index, reason in ipairs(result.reasons) do lines[index] = '• ' .. ReasonTexts.reason(reason) end
  if #lines == 0 then lines[1] = LOC '$$$/Autocull/Explain/NoReasons=There is no reason to reject it.' end
  add(lines, result.score, function(score) return LOC('$$$/Autocull/Explain/Score=Score: ^1', percent(score)) end)
  add(lines, ReasonTexts.seriesRank(result.series), function(rank) return rank end)
  add(lines, ReasonTexts.select(result.select), function(chance)
    return LOC('$$$/Autocull/Explain/Select=Would be selected: ^1', chance)
  end)
  add(lines, result.focus and result.focus.subject_sharp, function(sharp)
    return LOC('$$$/Autocull/Explain/Focus=Focus on the subject: ^1', percent(sharp))
  end)
  add(lines, result.eyes, function(eyes) return LOC('$$$/Autocull/Explain/Eyes=Eyes: ^1', ReasonTexts.eyes(eyes)) end)
  add(lines, result.category, function(code)
    return LOC('$$$/Autocull/Explain/Category=Category: ^1', ReasonTexts.category(code))
  end)
  add(lines, result.model, function(model) return LOC('$$$/Autocull/Explain/Model=Model version: ^1', model) end)
  if result.source == 'fallback' then
    lines[#lines + 1] = LOC '$$$/Autocull/Explain/Fallback=The file is missing, so a preview of it was judged.'
  end
  return table.concat(lines, '\n')
end

local function nothingSelected()
  return {
    message = LOC '$$$/Autocull/Explain/Nothing=No photo is selected',
    hint = LOC '$$$/Autocull/Explain/NothingHint=Select the photo that is to be explained.',
  }
end

local function skippedText(tally)
  local lines = RunReport.leftOutLines(tally)
  if #lines == 0 then lines[1] = LOC '$$$/Autocull/Explain/Cancelled=It was cancelled.' end
  return table.concat(lines, '\n')
end

local function showVerdict(tally, item, result)
  if not result then
    local message = LOC '$$$/Autocull/Explain/NoVerdict=There is no verdict on this photo'
    return LrDialogs.message(message, skippedText(tally), 'info')
  end
  local name = LrPathUtils.leafName(item.path)
  if not result.verdict then
    local message = LOC('$$$/Autocull/Explain/Unreadable=^1 cannot be read', name)
    return LrDialogs.message(message, PhotoErrors.message(result.error), 'warning')
  end
  return LrDialogs.message(
    LOC('$$$/Autocull/Explain/Title=^1: ^2', name, ReasonTexts.verdict(result.verdict)), Explain.text(result), 'info'
  )
end

local function judge(context, photo, progress)
  local settings = Settings.all()
  -- A virtual copy that is selected is judged as its master.
  settings.markCopies = true
  local photos, id = CatalogReader.siblings(photo)
  local item, result
  local tally, err = CullRun.cull {
    photos = photos,
    source = 'user',
    context = context,
    progress = progress,
    settings = settings,
    dryRun = true,
    onResult = function(judgedItem, judgedResult)
      if judgedItem.id == id then item, result = judgedItem, judgedResult end
    end,
  }
  if tally then CullRun.acknowledge(tally) end
  return tally, err, item, result
end

--- The menu item. Task needed.
function Explain.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local progress = CullCommands.start(context, LOC '$$$/Autocull/Explain/Progress=Autocull judges this photo')
  if not progress then return nil end
  local photo = LrApplication.activeCatalog():getTargetPhoto()
  if not photo then
    progress:done()
    return RunReport.showFailure(nothingSelected())
  end
  local tally, err, item, result = judge(context, photo, progress)
  progress:done()
  if not tally then return RunReport.showFailure(err) end
  return showVerdict(tally, item, result)
end

return Explain
