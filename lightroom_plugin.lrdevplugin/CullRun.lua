--[[ One culling run: photos go to the daemon while they are read, and results into the catalog as they come.

The daemon may end and come back at any moment: a call that fails is asked again once the daemon answers. A run
that is cancelled keeps what it has.
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
local FilePresence = require 'FilePresence'
local JobRequest = require 'JobRequest'
local Log = require 'Log'
local ResponseSchema = require 'ResponseSchema'
local RunCounts = require 'RunCounts'
local RunLock = require 'RunLock'
local Thumbnails = require 'Thumbnails'

local CullRun = {}

local PAGE = 200
local POLL = 0.5
local RATE_EVERY = 1
local TRIES = 5 -- of one call, while the daemon dies and comes back
local LAST_POLLS = 60 -- after a cancel, for the photo in work

local LOST = { [401] = true, [403] = true, [503] = true }

local function isLost(err)
  return err.kind == 'network' or err.kind == 'json' or err.code == 'not_published' or LOST[err.status] == true
end

-- A caller of the daemon's functions that goes on where the daemon went away and comes back.
local function askerFor(context, progress)
  return function(fn, ...)
    local value, err = fn(...)
    for _ = 2, TRIES do
      if value or not isLost(err) then break end
      Log.warn('the daemon is lost, and asked for again: ' .. err.message)
      -- A full disk, or a daemon that comes back by itself, takes a moment.
      LrTasks.sleep(POLL)
      local ready, why = DaemonControl.ensure(context, progress)
      if not ready then return nil, why end
      value, err = fn(...)
    end
    return value, err
  end
end

local function send(run, items, more)
  for _, item in ipairs(items) do run.items[item.id] = item end
  if run.id then return run.ask(ApiClient.add, run.id, JobRequest.photos(items), more) end
  if #items == 0 then return true end
  local job, err = run.ask(ApiClient.submit, JobRequest.order(run, items, more))
  if not job then return nil, err end
  run.id = job.id
  Log.info(string.format('job %s: %s, profile %s', job.id, run.args.dryRun and 'look' or 'cull', run.settings.profile))
  return true
end

-- A photo may come again, judged beside the others of its series: the larger number counts.
local function take(run, result)
  local item = run.items[result.id]
  if not item or result.number <= (run.taken[result.id] or -1) then return nil end
  run.taken[result.id] = result.number
  RunCounts.add(run.tally, item, result)
  if run.args.each then run.args.each(item, result) end
  return { item = item, result = result }
end

local function takeFaulty(run, raw, why)
  Log.error('a result that cannot be used: ' .. why)
  local item = type(raw) == 'table' and run.items[raw.id]
  if not item then return end
  RunCounts.faulty(run.tally, item, LOC('$$$/Autocull/Run/Faulty=Autocull answered with ^1', why))
end

-- What is to be written of a page: each photo that has a verdict once, by the last of its results.
local function judgedOf(run, page)
  local last = {}
  for _, raw in ipairs(page.results) do
    local result, why = ResponseSchema.result(raw)
    local taken = result and take(run, result)
    if taken then last[taken.item.id] = taken end
    if not result then takeFaulty(run, raw, why) end
  end
  local judged = {}
  for _, raw in ipairs(page.results) do
    local taken = type(raw) == 'table' and raw.id and last[raw.id]
    if taken and taken.result == raw and raw.verdict then judged[#judged + 1] = taken end
  end
  return judged
end

-- One page of results into the catalog: how many there were and whether they were the last, or nil and an error.
local function pump(run)
  local page, err = run.ask(ApiClient.results, run.id, run.after, PAGE)
  if not page then return nil, err end
  run.after = page.next
  local judged = judgedOf(run, page)
  if not run.args.dryRun then
    local ok, why = CullResultWriter.write(run, judged)
    if not ok then return nil, why end
  end
  CullProgress.done(run.progress, run.tally)
  return #page.results, page.complete
end

local function feed(run)
  local photos, place, isThere = run.args.photos, Thumbnails.open(run.args.context), FilePresence.asker()
  for first = 1, #photos, CatalogReader.BATCH do
    local last = math.min(first + CatalogReader.BATCH - 1, #photos)
    local piece = { unpack(photos, first, last) }
    local items = CatalogReader.piece(piece, run.settings.markCopies, place, run.tally.skipped, isThere)
    -- A job that is cancelled while it is open has to be closed by the cancel, so it stays open here.
    local sent, err = send(run, items, last < #photos)
    if not sent then return nil, err end
    if run.stopping() then return true end
    CullProgress.read(run.progress, last, #photos, run.tally)
    if run.id and last < #photos then
      local ok, why = pump(run)
      if not ok then return nil, why end
    end
    LrTasks.yield()
  end
  return true
end

local function cancel(run)
  run.cancelled = true
  run.tally.cancelled = true
  CullProgress.stopping(run.progress)
  -- The job may be gone; what was done is read all the same.
  local job, err = run.ask(ApiClient.cancel, run.id)
  if not job then Log.warn('the job was not cancelled: ' .. err.message) end
  return job, err
end

-- The bar learns rate and time left once a second.
local function showRate(run)
  local now = LrDate.currentTime()
  if run.cancelled or (run.rated and now - run.rated < RATE_EVERY) then return true end
  run.rated = now
  local job, err = run.ask(ApiClient.job, run.id)
  if not job then return nil, err end
  CullProgress.rate(run.progress, run.tally, job)
  return true
end

-- A pause between two looks; false where the photo in work at a cancel takes too long.
local function wait(run)
  if run.cancelled then
    run.lastPolls = run.lastPolls + 1
    if run.lastPolls > LAST_POLLS then return false end
  end
  LrTasks.sleep(POLL)
  return true
end

local function follow(run)
  while true do
    if not run.cancelled and run.stopping() then
      local ok, err = cancel(run)
      if not ok then return nil, err end
    end
    local count, complete = pump(run)
    if not count then return nil, complete end
    if complete then return true end
    local shown, err = showRate(run)
    if not shown then return nil, err end
    if count == 0 and not wait(run) then return true end
  end
end

-- A job may end without having seen every photo: then it says why.
local function checkEnd(run)
  if run.cancelled then return true end
  local job, err = run.ask(ApiClient.job, run.id)
  if not job then return nil, err end
  if job.state == 'done' or (job.state == 'cancelled' and run.tally.cancelled) then return true end
  local why = type(job.message) == 'string' and job.message or job.state
  local message = LOC('$$$/Autocull/Run/JobFailed=Autocull gave up: ^1', why)
  return nil, { kind = 'daemon', code = 'job_' .. job.state, message = message }
end

local function judge(run)
  if not run.id then
    local fed, err = feed(run)
    if not fed then return nil, err end
  end
  if not run.id then
    run.tally.cancelled = run.stopping() or nil
    return true
  end
  local ended, err = follow(run)
  if not ended then return nil, err end
  return checkEnd(run)
end

local function stoppingFor(progress)
  return function() return progress:isCanceled() or RunLock.mustStop() end
end

local function tallyOf(args)
  local looked = args.looked
  if not looked then return RunCounts.new(#args.photos, CatalogReader.noneSkipped()) end
  local tally = RunCounts.new(looked.seen, looked.skipped)
  tally.cancelled = looked.cancelled
  return tally
end

local function runOf(args)
  local looked = args.looked
  return {
    args = args,
    settings = args.settings,
    progress = args.progress,
    ask = askerFor(args.context, args.progress),
    stopping = stoppingFor(args.progress),
    tally = tallyOf(args),
    items = looked and looked.items or {},
    id = looked and looked.jobId or nil,
    taken = {},
    after = 0,
    lastPolls = 0,
  }
end

local function begin(run)
  local ready, err = DaemonControl.ensure(run.args.context, run.progress)
  if not ready then return nil, err end
  local catalog, why = CatalogId.of(LrApplication.activeCatalog())
  if not catalog then return nil, why end
  run.catalog = catalog
  return true
end

--- Says that a look's results are no longer wanted; what it measured is kept.
function CullRun.forget(tally)
  if not tally.jobId then return end
  local ok, err = ApiClient.acknowledge(tally.jobId)
  if not ok then Log.warn('a job was not acknowledged: ' .. err.message) end
end

-- What a run leaves with the daemon: nothing where all is in the catalog, else its results for a week.
local function leave(run, ok)
  if not run.id then return end
  run.tally.jobId, run.tally.items = run.id, run.items
  if not ok then
    local ended, err = ApiClient.cancel(run.id)
    if not ended then Log.warn('a job goes on without the plug-in: ' .. err.message) end
  elseif not run.args.dryRun then
    CullRun.forget(run.tally)
  end
end

local function gaveWay(run)
  return run.tally.cancelled and run.args.source == 'import' and not run.progress:isCanceled()
end

--- Culls photos: their tally (RunCounts.lua, `cancelled` set where it was), or nil, an error, and the tally so far.
-- The caller has claimed the run (RunLock.claim) and gives
-- `photos`, `source` ("user" or "import"), `context`, `progress` (a scope), `settings` (Settings.all());
-- `dryRun`: nothing is written, and the tally's job stays with the daemon until CullRun.forget or `looked`;
-- `looked`: such a tally, whose results are now written and not measured anew;
-- `each(item, result)`: called for every photo that has an answer.
-- Makes sure of the daemon by itself. An import's run that had to give way to a user's is an error of code "busy".
function CullRun.cull(args)
  local run = runOf(args)
  local ok, err = begin(run)
  if ok then ok, err = judge(run) end
  leave(run, ok)
  if not ok and err.code == 'cancelled' then
    run.tally.cancelled, ok = true, true
  end
  if ok and gaveWay(run) then
    local message = LOC '$$$/Autocull/Run/GaveWay=It gave way to another run.'
    ok, err = nil, { kind = 'plugin', code = 'busy', message = message }
  end
  if ok then return run.tally end
  Log.error('the run ended: ' .. err.message)
  return nil, err, run.tally
end

return CullRun
