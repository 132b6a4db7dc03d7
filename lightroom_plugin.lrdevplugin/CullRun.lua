--[[ One culling run: sends photos to the daemon while it reads them, collects the results, and writes them to the
catalog once the photos are compared, so that each photo is marked once.

The daemon may stop and restart at any moment: a call that fails is repeated once the daemon answers again. Where a run
is cancelled before the comparison, only photos that have no verdict yet get theirs.
]]

local LrApplication = import 'LrApplication'
local LrDate = import 'LrDate'
local LrTasks = import 'LrTasks'

local ApiClient = require 'ApiClient'
local CatalogId = require 'CatalogId'
local CatalogReader = require 'CatalogReader'
local CullProgress = require 'CullProgress'
local CullResultWriter = require 'CullResultWriter'
local DaemonControl = require 'DaemonControl'
local DaemonMessages = require 'DaemonMessages'
local FilePresence = require 'FilePresence'
local InterruptedRun = require 'InterruptedRun'
local JobRequest = require 'JobRequest'
local KeepLimit = require 'KeepLimit'
local Log = require 'Log'
local ResponseSchema = require 'ResponseSchema'
local RunCounts = require 'RunCounts'
local RunLock = require 'RunLock'
local Strictness = require 'Strictness'
local Thumbnails = require 'Thumbnails'

local CullRun = {}

local PAGE = 200
local POLL = 0.5
local RATE_EVERY = 1
local SLOW = 2 -- seconds after which the next portion of the catalog is smaller
local SMALLEST = 10 -- photos per portion
local TRIES = 5 -- of one call, while the daemon restarts
local MOST_REOPENED = 3 -- jobs that the daemon closed meanwhile
local LAST_POLLS = 60 -- after a cancel, for the photo in progress

local LOST = { [401] = true, [403] = true, [503] = true }

local function isLost(err)
  return err.kind == 'network' or err.kind == 'json' or err.code == 'not_published' or LOST[err.status] == true
end

-- Returns a function that calls the daemon, and repeats the call where the daemon stopped and restarts.
local function retryingCall(context, progress)
  return function(fn, ...)
    local value, err = fn(...)
    for _ = 2, TRIES do
      if value or not isLost(err) then break end
      Log.warn('the daemon does not answer, trying again: ' .. err.message)
      -- A full disk, or a daemon that restarts by itself, takes a moment.
      LrTasks.sleep(POLL)
      local ready, why = DaemonControl.ensure(context, progress)
      if not ready then return nil, why end
      value, err = fn(...)
    end
    return value, err
  end
end

local function submit(run, items, more)
  local job, err = run.call(ApiClient.submit, JobRequest.job(run, items, more))
  if not job then return nil, err end
  run.id = job.id
  Log.info(string.format('job %s: %s, profile %s', job.id, run.args.dryRun and 'look' or 'cull', run.settings.profile))
  return true
end

-- The daemon closes a job that gets no photos for long, and then judges what it has. So all photos are read and sent
-- again, as a new job: it finds what was measured already, and compares all of them.
local function reopen(run)
  Log.warn('job ' .. run.id .. ' was closed meanwhile: its photos are sent again')
  run.call(ApiClient.cancel, run.id)
  run.id, run.after, run.accepted, run.sent = nil, 0, {}, {}
  run.reopened = run.reopened + 1
  run.tally.skipped = CatalogReader.newSkipped()
end

local function post(run, items, more)
  if run.id then return run.call(ApiClient.addPhotos, run.id, JobRequest.photos(items), more) end
  if #items == 0 then return true end
  return submit(run, items, more)
end

-- Sends photos: true, or nil and an error. The previews are the daemon's from then on.
local function send(run, items, more)
  local sent, err = post(run, items, more)
  for _, item in ipairs(items) do
    item.preview = nil
    run.items[item.id] = item
    run.sent[#run.sent + 1] = item
  end
  return sent, err
end

-- Records a result. A photo may have several, the later ones judged within its series: the largest number counts.
local function accept(run, result)
  local item = run.items[result.id]
  if not item or result.number <= (run.accepted[result.id] or -1) then return nil end
  run.accepted[result.id] = result.number
  RunCounts.add(run.tally, item, result)
  if run.args.onResult then run.args.onResult(item, result) end
  return { item = item, result = result }
end

local function recordInvalid(run, raw, why)
  Log.error('an invalid result: ' .. why)
  local item = type(raw) == 'table' and run.items[raw.id]
  if not item then return end
  local detail = DaemonMessages.detail(why)
  RunCounts.addInvalid(run.tally, item, LOC('$$$/Autocull/Run/Faulty=Autocull answered with ^1', detail))
end

local function collect(run, page)
  for _, raw in ipairs(page.results) do
    local result, why = ResponseSchema.result(raw)
    local accepted = result and accept(run, result)
    if accepted then run.judged[result.id] = result.verdict and accepted or nil end
    if not result then recordInvalid(run, raw, why) end
  end
end

-- Collects one page of results: returns the number of results and whether they were the last, or nil and an error.
local function readPage(run)
  local page, err = run.call(ApiClient.results, run.id, run.after, PAGE)
  if not page then return nil, err end
  run.after = page.next
  collect(run, page)
  CullProgress.done(run.progress, run.tally)
  return #page.results, page.complete
end

-- The size of the next portion: halved where this one was slow, since a run must not block Lightroom.
local function nextSize(size, wasSlow)
  if wasSlow then return math.max(SMALLEST, math.floor(size / 2)) end
  return math.min(CatalogReader.BATCH, size * 2)
end

-- Reads the next portion and sends it: returns the position of the next photo, or nil and an error.
local function sendPortion(run, first, size, fileExists)
  local photos = run.args.photos
  local batch = { unpack(photos, first, math.min(first + size - 1, #photos)) }
  local items, count = CatalogReader.read(
    batch, run.settings.markCopies, run.thumbnails, run.tally.skipped, fileExists
  )
  -- The job stays open: a cancel has to close it.
  local sent, err = send(run, items, first + count <= #photos)
  if not sent and err.code == 'wrong_state' and run.reopened < MOST_REOPENED then
    reopen(run)
    return 1
  end
  if not sent then return nil, err end
  return first + count
end

-- Whether the next start of Lightroom offers to go on with this run. The import watch goes on by itself.
local function isNoted(run)
  return run.args.source == 'user' and not run.args.dryRun and run.id ~= nil and not run.isLost()
end

local function sendPhotos(run)
  local first, size, total, fileExists = 1, CatalogReader.BATCH, #run.args.photos, FilePresence.checker()
  while first <= total do
    local start = LrDate.currentTime()
    local following, err = sendPortion(run, first, size, fileExists)
    if not following then return nil, err end
    if run.shouldStop() then return true end
    size, first = nextSize(size, LrDate.currentTime() - start > SLOW), following
    CullProgress.read(run.progress, first - 1, total, run.tally)
    if run.id and first <= total then
      local ok, why = readPage(run)
      if not ok then return nil, why end
    end
    LrTasks.yield()
  end
  if isNoted(run) then InterruptedRun.note(run.sent) end
  return true
end

local function cancel(run)
  run.cancelled = true
  run.tally.cancelled = true
  CullProgress.stopping(run.progress)
  -- The job may no longer exist; finished results are read all the same.
  local job, err = run.call(ApiClient.cancel, run.id)
  if not job then Log.warn('the job was not cancelled: ' .. err.message) end
  return job, err
end

-- Updates rate and time left on the progress bar, once a second.
local function updateRate(run)
  local now = LrDate.currentTime()
  if run.cancelled or (run.rated and now - run.rated < RATE_EVERY) then return true end
  run.rated = now
  local job, err = run.call(ApiClient.job, run.id)
  if not job then return nil, err end
  CullProgress.rate(run.progress, run.tally, job)
  return true
end

-- Waits until the next poll; returns false where the photo in progress at a cancel takes too long.
local function waitForPoll(run)
  if run.cancelled then
    run.lastPolls = run.lastPolls + 1
    if run.lastPolls > LAST_POLLS then return false end
  end
  LrTasks.sleep(POLL)
  return true
end

local function collectResults(run)
  while true do
    if not run.cancelled and run.shouldStop() then
      local ok, err = cancel(run)
      if not ok then return nil, err end
    end
    local count, complete = readPage(run)
    if not count then return nil, complete end
    if complete then return true end
    local updated, err = updateRate(run)
    if not updated then return nil, err end
    if count == 0 and not waitForPoll(run) then return true end
  end
end

-- Whether the photos were judged and compared, and where not and the run was not cancelled, the job's reason.
local function isComplete(run)
  if run.cancelled then return false end
  local job, err = run.call(ApiClient.job, run.id)
  if not job then return nil, err end
  if job.state == 'done' then return true end
  if job.state == 'cancelled' and run.tally.cancelled then return false end
  local why = DaemonMessages.text(job.problem or { code = job.state, message = job.message })
  local message = LOC('$$$/Autocull/Run/JobFailed=Autocull gave up: ^1', why)
  return false, { kind = 'daemon', code = 'job_' .. job.state, message = message }
end

-- Whether the import watch stopped only to let a run of the photographer pass: it judges the import again later.
local function yieldedToUser(run)
  return run.tally.cancelled and run.args.source == 'import' and not run.progress:isCanceled()
end

-- Writes the collected results, in the order of the first ones.
local function writeResults(run, complete)
  if run.args.dryRun or run.isLost() or yieldedToUser(run) then return true end
  local judged = {}
  for _, id in ipairs(run.tally.order) do judged[#judged + 1] = run.judged[id] end
  if complete then
    RunCounts.addBeyond(run.tally, run.args.keepAbout, KeepLimit.apply(judged, run.args.keepAbout))
  end
  return CullResultWriter.write(run, judged, not complete)
end

local function judge(run)
  if not run.id then
    local sent, err = sendPhotos(run)
    if not sent then return nil, err end
  end
  if not run.id then
    run.tally.cancelled = run.shouldStop() or nil
    return true
  end
  local collected, err = collectResults(run)
  if not collected then return nil, err end
  local complete, failure = isComplete(run)
  if complete == nil then return nil, failure end
  local written, why = writeResults(run, complete)
  if not written then return nil, why end
  if failure then return nil, failure end
  return true
end

local function stopCondition(progress)
  local shouldStop, lost = RunLock.stopCondition()
  return function() return shouldStop() or progress:isCanceled() end, lost
end

local function newCounts(args)
  local preview = args.preview
  local tally = RunCounts.new(
    preview and preview.total or #args.photos, preview and preview.skipped or CatalogReader.newSkipped()
  )
  tally.cancelled = preview and preview.cancelled
  tally.inStacks = preview and preview.inStacks or args.inStacks or 0
  return tally
end

local function newRun(args)
  local preview = args.preview
  local shouldStop, lost = stopCondition(args.progress)
  return {
    args = args,
    settings = args.settings,
    progress = args.progress,
    call = retryingCall(args.context, args.progress),
    shouldStop = shouldStop,
    isLost = lost, -- whether the plug-in was unloaded, or another run replaced this one
    tally = newCounts(args),
    items = preview and preview.items or {},
    id = preview and preview.jobId or nil,
    sent = {}, -- items in the order in which they were sent
    reopened = 0, -- how often its job had to be opened anew
    thumbnails = Thumbnails.new(shouldStop),
    accepted = {}, -- by the photo's id, the largest number of its results
    judged = {}, -- by the photo's id, { item, result } of those with a verdict
    after = 0,
    lastPolls = 0,
  }
end

-- Reads the limits that the strictness moves from the daemon; a preview's job has them already.
local function moveLimits(run)
  if run.id or run.settings.strictness == 0 then return true end
  local choices, err = run.call(ApiClient.settings)
  if not choices then return nil, err end
  run.changes = Strictness.changes(choices.settings or {}, run.settings.profile, run.settings.strictness)
  return true
end

local function start(run)
  local ready, err = DaemonControl.ensure(run.args.context, run.progress)
  if not ready then return nil, err end
  local catalog, why = CatalogId.of(LrApplication.activeCatalog())
  if not catalog then return nil, why end
  run.catalog = catalog
  return moveLimits(run)
end

--- Acknowledges the results of a preview: the daemon drops them and keeps what it measured.
function CullRun.acknowledge(tally)
  if not tally.jobId then return end
  local ok, err = ApiClient.acknowledge(tally.jobId)
  if not ok then Log.warn('a job was not acknowledged: ' .. err.message) end
end

-- Ends the daemon's job: acknowledges it where all results are in the catalog; else its results stay for a week.
local function endJob(run, ok)
  if not run.id then return end
  run.tally.jobId, run.tally.items = run.id, run.items
  if isNoted(run) then InterruptedRun.clear() end
  if not ok then
    local ended, err = ApiClient.cancel(run.id)
    if not ended then Log.warn('a job goes on without the plug-in: ' .. err.message) end
  elseif not run.args.dryRun then
    CullRun.acknowledge(run.tally)
  end
end

--- Culls photos. Returns their tally (RunCounts.lua; `cancelled` is set where the run was cancelled), or nil, an error,
-- and the tally so far. The caller holds the run lock (RunLock.acquire) and passes
-- `photos`, `source` ("user" or "import"), `context`, `progress` (a scope), `settings` (Settings.all());
-- `dryRun`: nothing is written, and the tally's job stays with the daemon until CullRun.acknowledge or `preview`;
-- `preview`: the tally of a dry run, whose results are now written without measuring the photos again;
-- `keepAbout`: how many kept photos get marks, nil for all (KeepLimit.lua);
-- `inStacks`: how many photos of collapsed stacks are left out, for the report;
-- `onResult(item, result)`: called for every photo that has a result.
-- Starts the daemon where needed. A run of the import watch that yields to a user's run is an error of code "busy".
function CullRun.cull(args)
  local run = newRun(args)
  local ok, err = start(run)
  if ok then ok, err = judge(run) end
  endJob(run, ok)
  if not ok and err.code == 'cancelled' then
    run.tally.cancelled, ok = true, true
  end
  if ok and yieldedToUser(run) then
    local message = LOC '$$$/Autocull/Run/GaveWay=It gave way to another run.'
    ok, err = nil, { kind = 'plugin', code = 'busy', message = message }
  end
  if ok then return run.tally end
  Log.error('the run ended: ' .. err.message)
  return nil, err, run.tally
end

return CullRun
