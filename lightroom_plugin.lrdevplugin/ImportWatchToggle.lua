--[[ Switches the import watch on and off.

Switching on for the first time stores the watermark, so that photos that are in the catalog already are never flagged
automatically.
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
  local highest = ImportWatermark.scan(catalog, progress)
  progress:done()
  if highest then return highest end
  return nil, {
    kind = 'plugin',
    code = 'cancelled',
    message = LOC '$$$/Autocull/Switch/Cancelled=Cancelled: new imports are not flagged.',
  }
end

-- The watermark of a catalog stays while the watch is off, so that an import that it could not judge is not lost.
local function storeWatermark(context, catalog)
  if ImportWatermark.read(catalog) then return true end
  local from, err = ImportWatermark.current(catalog)
  if not from and err.code == 'no_counter' then
    from, err = countAll(context, catalog)
  end
  if not from then return nil, err end
  return ImportWatermark.write(catalog, from)
end

--- Switches the watch on. Returns true, or nil and an error, and then it stays off. `context` ends the progress bar.
-- Task needed.
function ImportWatchToggle.enable(context)
  local ok, err = storeWatermark(context, LrApplication.activeCatalog())
  if not ok then return nil, err end
  Settings.set('watchImports', true)
  ImportWatcher.start()
  return true
end

--- Switches the watch off. A portion that is being judged is finished.
function ImportWatchToggle.disable()
  Settings.set('watchImports', false)
  ImportWatcher.stop()
end

--- Shows why the watch could not be switched on.
function ImportWatchToggle.showFailure(err)
  Log.warn('import watch not switched on: ' .. err.message)
  local text = err.message .. (err.hint and ' ' .. err.hint or '')
  LrDialogs.message(LOC '$$$/Autocull/Switch/Failed=New imports are not flagged', text, 'warning')
end

--- The menu item: toggles the watch and shows its new state.
function ImportWatchToggle.toggle(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  if Settings.all().watchImports then
    ImportWatchToggle.disable()
    return LrDialogs.showBezel(LOC '$$$/Autocull/Switch/Off=New imports are no longer flagged', BEZEL)
  end
  local ok, err = ImportWatchToggle.enable(context)
  if not ok then return ImportWatchToggle.showFailure(err) end
  return LrDialogs.showBezel(LOC '$$$/Autocull/Switch/On=New imports will be flagged', BEZEL)
end

return ImportWatchToggle
