--[[ Makes sure that the right daemon answers: starts it where none does, replaces one of another version.

Who listens is asked without the token first, since a stranger may have taken the port of a daemon that died.
]]

local LrDate = import 'LrDate'
local LrTasks = import 'LrTasks'

local ApiClient = require 'ApiClient'
local Log = require 'Log'
local ShellQuote = require 'ShellQuote'

local DaemonControl = {}

local PATIENCE = 60
local POLL = 0.25

local function failure(code, message, hint)
  return nil, { kind = 'daemon', code = code, message = message, hint = hint }
end

local function logHint(launcher)
  if not launcher or not launcher.log then
    return LOC '$$$/Autocull/Daemon/Doctor=Run "autocull doctor" in a terminal: it says what is wrong and what helps.'
  end
  return LOC(
    '$$$/Autocull/Daemon/LogHint=Its log is ^1. Run "autocull doctor" in a terminal: it says what helps.',
    launcher.log
  )
end

local function isOurs(ping)
  return ping ~= nil and ping.product == 'autocull'
end

local function sameVersion(ping, status, launcher)
  if ping.protocol ~= ApiClient.PROTOCOL then return false end
  return not launcher or not launcher.version or status.version == launcher.version
end

--- What answers on the published port: "ready", "other version", "starting", "stopping", "stranger", "wrong token",
-- or "nobody". Task needed.
function DaemonControl.look()
  local published, unpublished = ApiClient.published()
  if not published then return 'nobody', unpublished end
  local ping, err = ApiClient.ping()
  if not ping and err.kind == 'network' then return 'nobody', err end
  if not isOurs(ping) then return 'stranger', err end
  -- Another protocol may have another way to say its status.
  if ping.protocol ~= ApiClient.PROTOCOL then return 'other version' end
  local status, why = ApiClient.status()
  if not status then
    if why.status == 401 or why.status == 403 then return 'wrong token', why end
    return why.kind == 'network' and 'nobody' or 'starting', why
  end
  if status.state == 'stopping' then return 'stopping' end
  return sameVersion(ping, status, ApiClient.launcher()) and 'ready' or 'other version'
end

-- Runs the launcher in a task of its own: it ends when the daemon answers, or says by its status that none will.
local function launch(launcher)
  local line, why = ShellQuote.command(launcher.program, launcher.arguments, WIN_ENV)
  if not line then
    local message = LOC('$$$/Autocull/Daemon/BadLauncher=Autocull cannot be started: ^1.', why)
    return failure('bad_launcher', message, logHint(launcher))
  end
  local started = {}
  LrTasks.startAsyncTask(function()
    local ok, status = LrTasks.pcall(LrTasks.execute, line)
    started.status = ok and status or tostring(status)
    Log.info('the launcher ended with ' .. tostring(started.status))
  end, 'Autocull starts its daemon')
  return started
end

local function notStarted(launcher, status)
  local message = LOC('$$$/Autocull/Daemon/NotStarted=Autocull could not be started (^1).', tostring(status))
  return failure('not_started', message, logHint(launcher))
end

local BLOCKED = {
  stranger = {
    'stranger',
    LOC '$$$/Autocull/Daemon/Stranger=Another program answers in the place of Autocull.',
  },
  ['wrong token'] = {
    'wrong_token',
    LOC '$$$/Autocull/Daemon/WrongToken=Autocull runs, but refuses this plug-in: another user may have started it.',
  },
  ['other version'] = {
    'other_version',
    LOC '$$$/Autocull/Daemon/OtherVersion=Autocull runs in another version than the installed one, and stays so.',
  },
}

local function blocked(state, launcher)
  local known = BLOCKED[state]
  if known then return failure(known[1], known[2], logHint(launcher)) end
  return failure(
    'no_answer',
    LOC('$$$/Autocull/Daemon/NoAnswer=Autocull was started, but did not answer within ^1 seconds.', tostring(PATIENCE)),
    logHint(launcher)
  )
end

local function cancelled()
  return failure('cancelled', LOC '$$$/Autocull/Daemon/Cancelled=Cancelled before Autocull answered.')
end

-- Looks again and again until `done(state)`; returns the last state, or nil and an error where `progress` was
-- cancelled or `started` ended badly.
local function waitUntil(done, progress, started, launcher)
  local deadline = LrDate.currentTime() + PATIENCE
  local state = DaemonControl.look()
  while not done(state) do
    if progress:isCanceled() then return cancelled() end
    if started.status and started.status ~= 0 then return notStarted(launcher, started.status) end
    if LrDate.currentTime() > deadline then return state end
    LrTasks.sleep(POLL)
    state = DaemonControl.look()
  end
  return state
end

local function isReady(state)
  return state == 'ready'
end

local function isGone(state)
  return state == 'nobody' or state == 'ready'
end

local function start(progress)
  local launcher = ApiClient.launcher()
  if not launcher then
    return failure(
      'no_launcher',
      LOC '$$$/Autocull/Daemon/NoLauncher=Autocull is not running, and the plug-in does not know how to start it.',
      LOC '$$$/Autocull/Daemon/NoLauncherHint=Run "autocull install" in a terminal, or "autocull start".'
    )
  end
  progress:setCaption(LOC '$$$/Autocull/Daemon/Starting=Starting Autocull')
  local started, err = launch(launcher)
  if not started then return nil, err end
  local state, why = waitUntil(isReady, progress, started, launcher)
  if not state then return nil, why end
  if not isReady(state) then return blocked(state, launcher) end
  return true
end

-- Without a launcher there is nothing to put in its place, so it is left running.
local function replace(progress)
  local launcher = ApiClient.launcher()
  if not launcher then return blocked('other version', nil) end
  Log.warn('the daemon is of another version than the installed one, and is asked to end')
  progress:setCaption(LOC '$$$/Autocull/Daemon/Replacing=Replacing an older Autocull')
  local asked, refused = ApiClient.shutdown()
  if not asked then Log.warn('it does not want to: ' .. refused.message) end
  local state, why = waitUntil(isGone, progress, {}, launcher)
  if not state then return nil, why end
  if isReady(state) then return true end
  return start(progress)
end

--- True where the daemon of the installed version answers, started or replaced where needed; else nil and an error
-- that says why, what to do and where the log is. `progress` shows the wait and cancels it. Task needed, and no
-- gate.
function DaemonControl.ensure(_, progress)
  local state, err = DaemonControl.look()
  if isReady(state) then return true end
  Log.info('daemon: ' .. state .. (err and ', ' .. err.message or ''))
  if state == 'other version' then return replace(progress) end
  if state == 'stopping' then
    local later, why = waitUntil(isGone, progress, {}, ApiClient.launcher())
    if not later then return nil, why end
    if isReady(later) then return true end
  end
  return start(progress)
end

return DaemonControl
