--[[ *Why window*: stays open, follows the selection, and tells the stored verdict with the better frame beside the
photo. It starts no job; *Keep* and *Reject* set the flag as the photographer's own.
]]

local LrApplication = import 'LrApplication'
local LrBinding = import 'LrBinding'
local LrDialogs = import 'LrDialogs'
local LrFunctionContext = import 'LrFunctionContext'
local LrTasks = import 'LrTasks'
local LrView = import 'LrView'

local OwnFlag = require 'OwnFlag'
local RunReport = require 'RunReport'
local SeriesView = require 'SeriesView'
local StoredVerdict = require 'StoredVerdict'

local WhyWindow = {}

local bind = LrView.bind

local SIZE = 260

-- The open window, or nil: { fields, toFront, refreshes }.
local current

local function describe(fields, photo)
  local stored = StoredVerdict.fields({ photo })[photo] or {}
  local better = StoredVerdict.betterFrame(photo, stored)
  fields.name = StoredVerdict.fileName(photo)
  fields.heading, fields.reasons = StoredVerdict.texts(stored)
  fields.better = better and LOC('$$$/Autocull/WhyWindow/Better=Better: ^1', StoredVerdict.fileName(better)) or ''
  fields.photo, fields.betterPhoto, fields.hasBetter = photo, better or photo, better ~= nil
end

local function describeNothing(fields)
  fields.name, fields.better, fields.hasBetter = '', '', false
  fields.heading = LOC '$$$/Autocull/Explain/Nothing=No photo is selected'
  fields.reasons = ''
end

-- Reads the active photo. Of several refreshes that wait, only the last one shows something.
local function refresh(window)
  window.refreshes = window.refreshes + 1
  local number = window.refreshes
  LrTasks.yield()
  if number ~= window.refreshes or current ~= window then return end
  local photo = LrApplication.activeCatalog():getTargetPhoto()
  window.fields.hasPhoto = photo ~= nil
  if photo then describe(window.fields, photo) else describeNothing(window.fields) end
end

-- An observer and the action of a button may not wait: each starts a task.
local function inTask(name, fn)
  return function() LrFunctionContext.postAsyncTaskWithContext(name, fn) end
end

local function button(view, title, fn)
  return view:push_button { title = title, action = inTask('Autocull: Why window', fn) }
end

local function decide(window, flag)
  return function()
    local photo = LrApplication.activeCatalog():getTargetPhoto()
    if not photo then return end
    local ok, err = OwnFlag.set(photo, flag)
    if not ok then return RunReport.showFailure(err) end
    local picked, rejected = LOC '$$$/Autocull/WhyWindow/Kept=Picked', LOC '$$$/Autocull/WhyWindow/Rejected=Rejected'
    LrDialogs.showBezel(flag == 1 and picked or rejected)
    refresh(window)
  end
end

local function buttons(view, window)
  return view:row {
    button(view, LOC '$$$/Autocull/Verdict/Keep=Keep', decide(window, 1)),
    button(view, LOC '$$$/Autocull/Verdict/Reject=Reject', decide(window, -1)),
    button(view, LOC '$$$/Autocull/WhyWindow/NextDoubtful=Next doubtful', SeriesView.nextDoubtful),
    button(view, LOC '$$$/Autocull/Menu/NextSeries=Next series', SeriesView.nextSeries),
  }
end

local function contents(view, window)
  return view:column {
    bind_to_object = window.fields,
    spacing = view:control_spacing(),
    view:row {
      view:column {
        view:catalog_photo { photo = bind 'photo', width = SIZE, height = SIZE, visible = bind 'hasPhoto' },
        view:static_text { title = bind 'name', width = SIZE, truncation = 'middle' },
      },
      view:column {
        view:catalog_photo { photo = bind 'betterPhoto', width = SIZE, height = SIZE, visible = bind 'hasBetter' },
        view:static_text { title = bind 'better', width = SIZE, truncation = 'middle' },
      },
    },
    view:static_text { title = bind 'heading', width_in_chars = 74, font = '<system/bold>' },
    view:static_text { title = bind 'reasons', width_in_chars = 74, height_in_lines = 6, wrap = true },
    buttons(view, window),
  }
end

local function present(window)
  LrDialogs.presentFloatingDialog(_PLUGIN, {
    title = LOC '$$$/Autocull/WhyWindow/Title=Autocull: why',
    contents = contents(LrView.osFactory(), window),
    save_frame = 'autocullWhyWindow',
    blockTask = true, -- the fields live as long as this task
    onShow = function(functions) window.toFront = functions and functions.toFront end,
    selectionChangeObserver = inTask('Autocull: selection', function() refresh(window) end),
    windowWillClose = function()
      if current == window then current = nil end
    end,
  })
end

--- The menu item: opens the window, or brings it to the front. Returns when it is closed. Task needed.
function WhyWindow.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  if current then return current.toFront and current.toFront() end
  local window = { fields = LrBinding.makePropertyTable(context), refreshes = 0 }
  current = window
  context:addCleanupHandler(function()
    if current == window then current = nil end
  end)
  refresh(window)
  return present(window)
end

return WhyWindow
