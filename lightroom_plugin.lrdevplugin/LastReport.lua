--[[ The report of the last run or undo. At its end a bezel shows the outcome, and *Show last report* the whole report:
no window opens in the middle of other work. The report is kept in the preferences, so it outlives a restart.
]]

local LrDate = import 'LrDate'
local LrDialogs = import 'LrDialogs'
local LrPrefs = import 'LrPrefs'

local LastReport = {}

local BEZEL = 5

--- Stores a report: its title, its text, and whether it is a "warning" or an "info".
function LastReport.store(title, text, style)
  local time = LrDate.timeToUserFormat(LrDate.currentTime(), '%Y-%m-%d %H:%M')
  LrPrefs.prefsForPlugin().lastReport = { title = title, time = time, text = text, style = style }
end

--- Stores a report and shows `line`, its outcome, as a bezel.
function LastReport.close(line, title, text, style)
  LastReport.store(title, text, style)
  LrDialogs.showBezel(line, BEZEL)
end

--- The menu item.
function LastReport.show()
  local report = LrPrefs.prefsForPlugin().lastReport
  if type(report) ~= 'table' then
    return LrDialogs.message(
      LOC '$$$/Autocull/Report/None=There is no report yet',
      LOC '$$$/Autocull/Report/NoneInfo=Each auto-cull and each undo leaves one.',
      'info'
    )
  end
  local style = report.style == 'warning' and 'warning' or 'info'
  local heading = LOC('$$$/Autocull/Report/At=^1 (^2)', tostring(report.title), tostring(report.time))
  return LrDialogs.message(heading, tostring(report.text), style)
end

return LastReport
