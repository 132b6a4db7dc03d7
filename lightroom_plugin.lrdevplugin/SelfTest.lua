--[[ *Developer: self-test*: checks how this Lightroom behaves where its documentation is unclear, and writes a report.

It writes to a photo only after confirmation, and then to one photo, whose marks are restored. The report is in English:
it is meant for developers of the plug-in.
]]

local LrApplication = import 'LrApplication'
local LrDate = import 'LrDate'
local LrDialogs = import 'LrDialogs'
local LrFileUtils = import 'LrFileUtils'
local LrPathUtils = import 'LrPathUtils'
local LrProgressScope = import 'LrProgressScope'
local LrShell = import 'LrShell'
local LrTasks = import 'LrTasks'

local RunLock = require 'RunLock'
local SelfTestReads = require 'SelfTestReads'
local SelfTestWrites = require 'SelfTestWrites'

local SelfTest = {}

local FILE = 'self-test.txt'
local MOST = 500

local READS = {
  'host', 'settings', 'daemon', 'rawKeys', 'formattedKeys', 'unknownKey', 'formats', 'paths', 'stacks', 'searches',
  'fieldSearches', 'labelWords', 'labelColours', 'thumbnail', 'globals',
}
local WRITES = {
  'rating', 'flag', 'labels', 'labelTexts', 'readInGate', 'busyGate', 'counter', 'privateGate', 'restore',
}

-- Checks that no script can do: a person does them and writes the answer after the colon.
local BY_HAND = {
  'Import photos taken more than two days ago, select them, run this test: does touchTime find them?',
  'Select a collapsed stack and run this test: one photo in "stacks", or all of them?',
  'Edit > Undo after an auto-cull of 500 photos: how many steps, under which name?',
  'Cancel an auto-cull of 5,000 photos at a third: does the bar end, are the marks of that third there?',
  'Plug-in Manager > Reload Plug-in during an auto-cull: does the old run end, does the next one start?',
  'Run this test, reload the plug-in, run it again: does "globals" count on, or begin at 1?',
  'Photos on a network share and in a folder with umlauts: does an auto-cull read them?',
  'A photo with a flag, Metadata > Save Metadata to File: does the XMP hold xmpDM:pick or xmpDM:good?',
  'A system proxy is set: does "daemon" still answer?',
  'Quit Lightroom during an auto-cull and start it again: does Undo last auto-cull restore what was written?',
}

local function line(name, module, env)
  env.progress:setCaption(name)
  local ok, outcome = LrTasks.pcall(module[name], env)
  return name .. ': ' .. (ok and tostring(outcome) or 'FAILED ' .. tostring(outcome))
end

local function runAll(names, module, env, lines)
  for _, name in ipairs(names) do
    if env.giveSign then env.giveSign() end
    -- `restore` is the last of its list and must run also after a cancel.
    if name == 'restore' or not env.progress:isCanceled() then lines[#lines + 1] = line(name, module, env) end
  end
end

local function heading()
  return {
    'Autocull self-test, ' .. LrDate.timeToUserFormat(LrDate.currentTime(), '%Y-%m-%d %H:%M:%S'),
    'UPPER CASE marks what differs from the expected.',
    '',
  }
end

--- Runs a self-test and returns its report. `env`: catalog, photos (at least one), photo, context, progress, and
-- `writes`: whether to write to the photo and to count every photo of the catalog.
function SelfTest.report(env)
  local lines = heading()
  runAll(READS, SelfTestReads, env, lines)
  if env.writes then
    env.before = SelfTestWrites.readMarks(env.photo)
    runAll(WRITES, SelfTestWrites, env, lines)
    runAll({ 'everyPhoto' }, SelfTestReads, env, lines)
  else
    lines[#lines + 1] = 'nothing was written, as chosen'
  end
  lines[#lines + 1] = ''
  lines[#lines + 1] = 'To be checked by hand:'
  for _, question in ipairs(BY_HAND) do lines[#lines + 1] = '- ' .. question .. ' :' end
  return table.concat(lines, '\n') .. '\n'
end

local function write(path, text)
  local file, why = io.open(path, 'w')
  if not file then return nil, tostring(why) end
  file:write(text)
  file:close()
  return path
end

--- Writes the report to `.autocull` in the user's home folder, or to the folder for temporary files where that fails.
-- Returns its path, or nil and the reason.
function SelfTest.save(text)
  local folder = LrPathUtils.child(LrPathUtils.getStandardFilePath('home'), '.autocull')
  LrFileUtils.createAllDirectories(folder)
  local path, why = write(LrPathUtils.child(folder, FILE), text)
  if path then return path end
  local other, worse = write(LrPathUtils.child(LrPathUtils.getStandardFilePath('temp'), 'autocull-' .. FILE), text)
  return other, not other and why .. '; ' .. worse or nil
end

local function confirm(photo)
  local name = photo:getFormattedMetadata('fileName')
  local info = LOC('$$$/Autocull/SelfTest/AskInfo=It changes stars, label and flag of ^1, and restores them.', name)
  local more =
    LOC '$$$/Autocull/SelfTest/AskMore=It also creates and deletes a collection set, and counts all photos (minutes).'
  return LrDialogs.confirm(
    LOC '$$$/Autocull/SelfTest/Ask=May the self-test write to one photo?',
    info .. ' ' .. more,
    LOC '$$$/Autocull/SelfTest/Write=Write and restore',
    LOC '$$$/Autocull/SelfTest/Cancel=Cancel',
    LOC '$$$/Autocull/SelfTest/ReadOnly=Only read'
  )
end

local function selection(catalog)
  -- Without a selection Lightroom returns every photo it shows.
  if not catalog:getTargetPhoto() then return nil end
  local all, some = catalog:getTargetPhotos(), {}
  for index = 1, math.min(#all, MOST) do some[index] = all[index] end
  return some
end

local function refuse(message, info)
  LrDialogs.message(message, info, 'info')
end

local function saveAndReveal(text)
  local path, why = SelfTest.save(text)
  if not path then
    local title = LOC '$$$/Autocull/SelfTest/NotKept=The report could not be written'
    return LrDialogs.message(title, why .. '\n\n' .. text, 'warning')
  end
  return LrShell.revealInShell(path)
end

--- The menu item. Task needed.
function SelfTest.show(context)
  LrDialogs.attachErrorDialogToFunctionContext(context)
  local catalog = LrApplication.activeCatalog()
  local photos = selection(catalog)
  if not photos then
    return refuse(
      LOC '$$$/Autocull/SelfTest/Nothing=No photo is selected',
      LOC '$$$/Autocull/SelfTest/NothingInfo=Select one or more photos that the self-test may read.'
    )
  end
  local photo = catalog:getTargetPhoto()
  local answer = confirm(photo)
  if answer == 'cancel' then return nil end
  if not RunLock.acquire(context, 'self-test') then
    return refuse(
      LOC '$$$/Autocull/SelfTest/Busy=Autocull is at work',
      LOC '$$$/Autocull/SelfTest/BusyInfo=Try again when the run has ended.'
    )
  end
  local title = LOC '$$$/Autocull/SelfTest/Progress=Autocull self-test'
  local progress = LrProgressScope { title = title, functionContext = context }
  progress:setCancelable(true)
  return saveAndReveal(SelfTest.report {
    catalog = catalog,
    photos = photos,
    photo = photo,
    context = context,
    progress = progress,
    writes = answer == 'ok',
    giveSign = RunLock.stopCondition(),
  })
end

return SelfTest
