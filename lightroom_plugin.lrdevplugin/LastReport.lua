--[[ The report of the last run, undo or learning. At its end a bezel shows the outcome, and *Show last report* the
whole report: no window opens in the middle of other work. It is kept in the preferences, so it outlives a restart.
]]

local LrDate = import 'LrDate'
local LrDialogs = import 'LrDialogs'
local LrPrefs = import 'LrPrefs'
local LrShell = import 'LrShell'

local Settings = require 'Settings'

local LastReport = {}

local BEZEL = 5

--- Stores a report, and shows `line`, its outcome, as a bezel. `style` is "warning" or "info"; `taste` (optional) is
-- one that was learned, { name, file = the path of its own report or nil }, which the report offers to use.
function LastReport.close(line, title, text, style, taste)
  local time = LrDate.timeToUserFormat(LrDate.currentTime(), '%Y-%m-%d %H:%M')
  local report = { title = title, time = time, text = text, style = style }
  if taste then report.taste, report.file = taste.name, taste.file end
  LrPrefs.prefsForPlugin().lastReport = report
  LrDialogs.showBezel(line, BEZEL)
end

-- Shows the report of a learning, and offers to use the taste; after "Show the report" it is shown again.
local function offerTaste(report, heading)
  while true do
    local answer = LrDialogs.confirm(
      heading,
      tostring(report.text),
      LOC '$$$/Autocull/Learn/Use=Use it from now on',
      LOC '$$$/Autocull/Learn/Close=Close',
      report.file and LOC '$$$/Autocull/Learn/Report=Show the report' or nil
    )
    if answer == 'ok' then return Settings.set('taste', report.taste) end
    if answer ~= 'other' then return nil end
    LrShell.revealInShell(report.file)
  end
end

--- The menu item.
function LastReport.show()
  local report = LrPrefs.prefsForPlugin().lastReport
  if type(report) ~= 'table' then
    return LrDialogs.message(
      LOC '$$$/Autocull/Report/None=There is no report yet',
      LOC '$$$/Autocull/Report/NoneInfo=Each auto-cull, each undo and each learning leaves one.',
      'info'
    )
  end
  local style = report.style == 'warning' and 'warning' or 'info'
  local heading = LOC('$$$/Autocull/Report/At=^1 (^2)', tostring(report.title), tostring(report.time))
  if report.taste then return offerTaste(report, heading) end
  return LrDialogs.message(heading, tostring(report.text), style)
end

return LastReport
