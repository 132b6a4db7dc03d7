--[[ Switches the flagging of new imports on and off.

Switching on notes where new imports begin, so that nothing that lies in the catalog now is ever flagged by itself.
]]

local LrApplication = import 'LrApplication'
local LrDialogs = import 'LrDialogs'
local LrProgressScope = import 'LrProgressScope'

local ImportWatcher = require 'ImportWatcher'
local ImportWatermark = require 'ImportWatermark'
local Log = require 'Log'
local Settings = require 'Settings'

local ImportWatchToggle = {}

local BEZEL = 5

local function countAll(context, catalog)
  local progress = LrProgressScope {
    title = LOC '$$$/Autocull/Switch/Counting=Autocull counts the photos of this catalog, once',
    functionContext = context,
  }
  progress:setCancelable(true)
  local highest = ImportWatermark.count(catalog, progress)
  progress:done()
  if highest then return highest end
  return nil, {
    kind = 'plugin',
    code = 'cancelled',
    message = LOC '$$$/Autocull/Switch/Cancelled=Cancelled: new imports are not flagged.',
  }
end

local function begin(context, catalog)
  local from, err = ImportWatermark.now(catalog)
  if not from and err.code == 'no_counter' then
    from, err = countAll(context, catalog)
  end
  if not from then return nil, err end
  return ImportWatermark.write(catalog, from)
end

--- Switches on: true, or nil and an error, and then it stays off. `context` ends the progress bar. Task needed.
function ImportWatchToggle.on(context)
  local ok, err = begin(context, LrApplication.activeCatalog())
  if not ok then return nil, err end
  Settings.set('watchImports', true)
  ImportWatcher.start()
  return true
end

--- Switches off. A portion that is being judged is finished.
function ImportWatchToggle.off()
  Settings.set('watchImports', false)
  ImportWatcher.stop()
end

--- Tells the photographer why the watch could not be switched on.
function ImportWatchToggle.explain(err)
  Log.warn('import watch not switched on: ' .. err.message)
  local text = err.message .. (err.hint and ' ' .. err.hint or '')
  LrDialogs.message(LOC '$$$/Autocull/Switch/Failed=New imports are not flagged', text, 'warning')
end

--- The menu item: off where it was on, on where it was off, and says so.
function ImportWatchToggle.toggle(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  if Settings.all().watchImports then
    ImportWatchToggle.off()
    return LrDialogs.showBezel(LOC '$$$/Autocull/Switch/Off=New imports are no longer flagged', BEZEL)
  end
  local ok, err = ImportWatchToggle.on(context)
  if not ok then return ImportWatchToggle.explain(err) end
  return LrDialogs.showBezel(LOC '$$$/Autocull/Switch/On=New imports will be flagged', BEZEL)
end

return ImportWatchToggle
