--[[ The plug-in's section in the Plug-in Manager: what it is, and how the import watch is doing.

Lightroom runs this file anew each time the panel is drawn. So it only reads: it starts nothing, ends nothing and asks
nobody.
]]

local LrView = import 'LrView'

local ImportWatcher = require 'ImportWatcher'
local Log = require 'Log'

local function watchText()
  local state, message = ImportWatcher.status()
  local words = {
    off = LOC '$$$/Autocull/Panel/Off=New imports are not flagged. Switch it on in Library > Plug-in Extras.',
    watching = LOC '$$$/Autocull/Panel/Watching=New imports are flagged automatically.',
    failing = LOC '$$$/Autocull/Panel/Failing=New imports cannot be flagged at the moment; Autocull tries again.',
    stopped = LOC '$$$/Autocull/Panel/Stopped=New imports are not flagged until Lightroom starts again.',
  }
  if not message then return words[state] end
  return words[state] .. '\n' .. message
end

local function line(view, text)
  return view:static_text { title = text, width_in_chars = 70, height_in_lines = -1, wrap = true }
end

local function sectionsForTopOfDialog(view)
  return {
    {
      title = LOC '$$$/Autocull/Panel/Title=Autocull',
      view:column {
        spacing = view:control_spacing(),
        line(view, LOC '$$$/Autocull/Panel/What=Autocull says keep, reject or cannot tell, and why.'),
        line(view, LOC '$$$/Autocull/Panel/Promise=No photo leaves this computer; none is ever deleted or altered.'),
        line(view, watchText()),
        line(view, LOC('$$$/Autocull/Panel/Log=Log of the plug-in: ^1', Log.path())),
      },
    },
  }
end

return {
  sectionsForTopOfDialog = function(view)
    return sectionsForTopOfDialog(view or LrView.osFactory())
  end,
}
