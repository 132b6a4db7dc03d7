--[[ The progress bar of a run: portion done, rate, and time left. ]]

local ReasonTexts = require 'ReasonTexts'
local RunCounts = require 'RunCounts'

local CullProgress = {}

-- Skipped photos count as done, so that the bar reaches its end.
local function portion(progress, tally)
  local done = math.min(RunCounts.answered(tally) + RunCounts.skipped(tally), tally.total)
  progress:setPortionComplete(done, math.max(tally.total, 1))
  return done
end

--- Shows that a batch of the catalog was read.
function CullProgress.read(progress, read, total, tally)
  portion(progress, tally)
  progress:setCaption(LOC('$$$/Autocull/Progress/Read=Reading the catalog: ^1 of ^2', tostring(read), tostring(total)))
end

--- Shows that results have arrived.
function CullProgress.done(progress, tally)
  portion(progress, tally)
end

--- Shows the daemon's rate and the time left.
function CullProgress.rate(progress, tally, job)
  local done = portion(progress, tally)
  local parts = { LOC('$$$/Autocull/Progress/Done=^1 of ^2', tostring(done), tostring(tally.total)) }
  if job.state == 'waiting' and job.done == 0 then
    parts[#parts + 1] = LOC '$$$/Autocull/Progress/Waiting=waiting for another run'
  end
  if job.state == 'running' and job.more == false and job.done == job.total then
    parts[#parts + 1] = LOC '$$$/Autocull/Progress/Comparing=comparing the frames of each series'
  end
  if job.rate then
    parts[#parts + 1] = LOC('$$$/Autocull/Progress/Rate=^1 photos/s', ReasonTexts.decimal(job.rate))
  end
  parts[#parts + 1] = ReasonTexts.timeLeft(job.seconds_left)
  progress:setCaption(table.concat(parts, ', '))
end

--- Shows that results are written.
function CullProgress.writing(progress, number, total)
  progress:setCaption(
    LOC('$$$/Autocull/Progress/Writing=Writing the marks: ^1 of ^2', tostring(number), tostring(total))
  )
end

--- Shows that collections and keywords are made.
function CullProgress.extras(progress)
  progress:setCaption(LOC '$$$/Autocull/Progress/Extras=Making collections and keywords')
end

--- Returns the options by which CatalogWriter waits for a busy catalog until `stop()`, and shows that it does.
function CullProgress.waiting(progress, stop)
  return {
    stop = stop,
    onWait = function()
      progress:setCaption(LOC '$$$/Autocull/Progress/CatalogBusy=Lightroom is busy; Autocull waits')
    end,
  }
end

--- Shows that the run was cancelled and the photo in progress is finished.
function CullProgress.stopping(progress)
  progress:setCaption(LOC '$$$/Autocull/Progress/Stopping=Stopping: what is done is kept')
end

return CullProgress
