--[[ The plug-in's section in the Plug-in Manager: what the plug-in does, and the state of the import watch.

Lightroom runs this file again each time it draws the panel. So it only reads: it starts nothing, stops nothing and
sends no request.
]]

local LrView = import 'LrView'

local ImportWatcher = require 'ImportWatcher'
local Log = require 'Log'

local function watchStatus()
  local state, message = ImportWatcher.status()
  local texts = {
    off = LOC '$$$/Autocull/Panel/Off=New imports are not flagged. Switch it on in Library > Plug-in Extras.',
    watching = LOC '$$$/Autocull/Panel/Watching=New imports are flagged automatically.',
    failing = LOC '$$$/Autocull/Panel/Failing=New imports cannot be flagged at the moment; Autocull tries again.',
  }
  if not message then return texts[state] end
  return texts[state] .. '\n' .. message
end

local function textRow(view, text)
  return view:static_text { title = text, width_in_chars = 70, height_in_lines = -1, wrap = true }
end

local function sectionsForTopOfDialog(view)
  return {
    {
      title = LOC '$$$/Autocull/Panel/Title=Autocull',
      view:column {
        spacing = view:control_spacing(),
        textRow(view, LOC '$$$/Autocull/Panel/What=Autocull judges photos: keep, reject or cannot tell, with reasons.'),
        textRow(view, LOC '$$$/Autocull/Panel/Promise=No photo leaves this computer; none is ever deleted or altered.'),
        textRow(view, watchStatus()),
        textRow(view, LOC('$$$/Autocull/Panel/Log=Log of the plug-in: ^1', Log.path())),
      },
    },
  }
end

return {
  sectionsForTopOfDialog = function(view)
    return sectionsForTopOfDialog(view or LrView.osFactory())
  end,
}
