--[[ *Explain this photo*: the verdict of the photo that is most selected, with measured values and limits, beside the
other photos of its series where the last auto-cull found one. Writes nothing.
]]

local LrApplication = import 'LrApplication'
local LrDialogs = import 'LrDialogs'
local LrPathUtils = import 'LrPathUtils'

local CatalogReader = require 'CatalogReader'
local CullCommands = require 'CullCommands'
local CullRun = require 'CullRun'
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

--- The text for one result: reasons, score, series, taste, focus, eyes, category and model.
function Explain.text(result)
  local lines = {}
  for index, reason in ipairs(result.reasons) do lines[index] = '• ' .. ReasonTexts.reason(reason) end
  if #lines == 0 then lines[1] = LOC '$$$/Autocull/Explain/NoReasons=Nothing speaks against it.' end
  add(lines, result.score, function(score) return LOC('$$$/Autocull/Explain/Score=Score: ^1', percent(score)) end)
  add(lines, ReasonTexts.place(result.series), function(place) return place end)
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

local function tell(tally, item, result)
  if not result then
    local message = LOC '$$$/Autocull/Explain/NoVerdict=There is no verdict on this photo'
    return LrDialogs.message(message, skippedText(tally), 'info')
  end
  local name = LrPathUtils.leafName(item.path)
  if not result.verdict then
    local message = LOC('$$$/Autocull/Explain/Unreadable=^1 cannot be read', name)
    return LrDialogs.message(message, result.error.message, 'warning')
  end
  return LrDialogs.message(
    LOC('$$$/Autocull/Explain/Title=^1: ^2', name, ReasonTexts.verdict(result.verdict)), Explain.text(result), 'info'
  )
end

local function look(context, photo, progress)
  local settings = Settings.all()
  -- She asks for this very photo, so that a copy counts as its master.
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
    each = function(theItem, theResult)
      if theItem.id == id then item, result = theItem, theResult end
    end,
  }
  if tally then CullRun.forget(tally) end
  return tally, err, item, result
end

--- The menu item. Task needed.
function Explain.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local progress = CullCommands.begin(context, LOC '$$$/Autocull/Explain/Progress=Autocull looks at this photo')
  if not progress then return nil end
  local photo = LrApplication.activeCatalog():getTargetPhoto()
  if not photo then
    progress:done()
    return RunReport.failure(nothingSelected())
  end
  local tally, err, item, result = look(context, photo, progress)
  progress:done()
  if not tally then return RunReport.failure(err) end
  return tell(tally, item, result)
end

return Explain
