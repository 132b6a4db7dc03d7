--[[ *Developer: self-test*: asks this Lightroom what its documentation leaves open, and writes the answers to a file.

Nothing is written to a photo before the question was answered with yes, and then to one photo, which is put back.
The report is in English: it is meant for whoever works on the plug-in.
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
  'labelWords', 'thumbnail', 'globals',
}
local WRITES = { 'rating', 'flag', 'labels', 'readInGate', 'busyGate', 'counter', 'privateGate', 'restore' }

-- What no script can see: a person does it and writes the answer behind the colon.
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
  local ok, found = LrTasks.pcall(module[name], env)
  return name .. ': ' .. (ok and tostring(found) or 'FAILED ' .. tostring(found))
end

local function runAll(names, module, env, lines)
  for _, name in ipairs(names) do
    -- `restore` is the last of its list and must not be skipped by a cancel.
    if name == 'restore' or not env.progress:isCanceled() then lines[#lines + 1] = line(name, module, env) end
  end
end

local function heading()
  return {
    'Autocull self-test, ' .. LrDate.timeToUserFormat(LrDate.currentTime(), '%Y-%m-%d %H:%M:%S'),
    'UPPER CASE marks what is not as expected.',
    '',
  }
end

--- The report of one self-test. `env`: catalog, photos (at least one), photo, context, progress, and `writes`:
-- whether the photo may be written to, and every photo of the catalog be counted.
function SelfTest.report(env)
  local lines = heading()
  runAll(READS, SelfTestReads, env, lines)
  if env.writes then
    env.before = SelfTestWrites.marks(env.photo)
    runAll(WRITES, SelfTestWrites, env, lines)
    runAll({ 'everyPhoto' }, SelfTestReads, env, lines)
  else
    lines[#lines + 1] = 'nothing was written, as asked'
  end
  lines[#lines + 1] = ''
  lines[#lines + 1] = 'For a person to try:'
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

--- Writes the report into `.autocull` in the user's home folder, or into the folder for temporary files where that
-- name cannot be opened; its path, or nil and the reason.
function SelfTest.keep(text)
  local own = LrPathUtils.child(LrPathUtils.getStandardFilePath('home'), '.autocull')
  LrFileUtils.createAllDirectories(own)
  local path, why = write(LrPathUtils.child(own, FILE), text)
  if path then return path end
  local other, worse = write(LrPathUtils.child(LrPathUtils.getStandardFilePath('temp'), 'autocull-' .. FILE), text)
  return other, not other and why .. '; ' .. worse or nil
end

local function ask(photo)
  local name = photo:getFormattedMetadata('fileName')
  local info = LOC('$$$/Autocull/SelfTest/AskInfo=It changes stars, label and flag of ^1, and puts them back.', name)
  local more =
    LOC '$$$/Autocull/SelfTest/AskMore=It also makes and deletes a collection set, and counts all photos (minutes).'
  return LrDialogs.confirm(
    LOC '$$$/Autocull/SelfTest/Ask=May the self-test write to one photo?',
    info .. ' ' .. more,
    LOC '$$$/Autocull/SelfTest/Write=Write and put back',
    LOC '$$$/Autocull/SelfTest/Cancel=Cancel',
    LOC '$$$/Autocull/SelfTest/ReadOnly=Only read'
  )
end

local function selection(catalog)
  -- Without a selection the host hands out every photo it shows.
  if not catalog:getTargetPhoto() then return nil end
  local all, some = catalog:getTargetPhotos(), {}
  for index = 1, math.min(#all, MOST) do some[index] = all[index] end
  return some
end

local function refuse(message, info)
  LrDialogs.message(message, info, 'info')
end

local function deliver(text)
  local path, why = SelfTest.keep(text)
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
      LOC '$$$/Autocull/SelfTest/NothingInfo=Select one photo or more that the self-test may look at.'
    )
  end
  local photo = catalog:getTargetPhoto()
  local answer = ask(photo)
  if answer == 'cancel' then return nil end
  if not RunLock.claim(context, 'self-test') then
    return refuse(
      LOC '$$$/Autocull/SelfTest/Busy=Autocull is at work',
      LOC '$$$/Autocull/SelfTest/BusyInfo=Try again when the run has ended.'
    )
  end
  local title = LOC '$$$/Autocull/SelfTest/Progress=Autocull self-test'
  local progress = LrProgressScope { title = title, functionContext = context }
  progress:setCancelable(true)
  return deliver(SelfTest.report {
    catalog = catalog,
    photos = photos,
    photo = photo,
    context = context,
    progress = progress,
    writes = answer == 'ok',
  })
end

return SelfTest
