--[[ Controls the daemon: starts it where none runs, and replaces one of another version.

The program on the port is identified without the token first, since another program may use the port of a daemon that
crashed.
]]

local LrDate = import 'LrDate'
local LrTasks = import 'LrTasks'

local ApiClient = require 'ApiClient'
local DaemonMessages = require 'DaemonMessages'
local Log = require 'Log'
local ShellQuote = require 'ShellQuote'

local DaemonControl = {}

local TIMEOUT = 60
local POLL = 0.25

local function failure(code, message, hint)
  return nil, { kind = 'daemon', code = code, message = message, hint = hint }
end

local function logHint(launcher)
  if not launcher or not launcher.log then
    return
      LOC '$$$/Autocull/Daemon/Doctor=Run "autocull doctor" in a terminal: it reports what is wrong and how to fix it.'
  end
  return LOC(
    '$$$/Autocull/Daemon/LogHint=Its log is ^1. Run "autocull doctor" in a terminal: it reports how to fix it.',
    launcher.log
  )
end

local function isAutocull(ping)
  return ping ~= nil and ping.product == 'autocull'
end

local function sameVersion(ping, status, launcher)
  if ping.protocol ~= ApiClient.PROTOCOL then return false end
  return not launcher or not launcher.version or status.version == launcher.version
end

--- Returns the state of the daemon: "ready", "other version", "starting", "stopping", "not running", "wrong token", or
-- "other program" where another program answers on its port. Task needed.
function DaemonControl.probe()
  local daemon, missing = ApiClient.readDaemonFile()
  if not daemon then return 'not running', missing end
  local ping, err = ApiClient.ping()
  if not ping and err.kind == 'network' then return 'not running', err end
  if not isAutocull(ping) then return 'other program', err end
  -- Another protocol may have another format of the status.
  if ping.protocol ~= ApiClient.PROTOCOL then return 'other version' end
  local status, why = ApiClient.status()
  if not status then
    if why.status == 401 or why.status == 403 then return 'wrong token', why end
    return why.kind == 'network' and 'not running' or 'starting', why
  end
  if status.state == 'stopping' then return 'stopping' end
  return sameVersion(ping, status, ApiClient.readLauncherFile()) and 'ready' or 'other version'
end

-- Runs the launcher in its own task. It exits once the daemon answers; its status is not 0 where the daemon cannot
-- start.
local function launch(launcher)
  local line, why = ShellQuote.command(launcher.program, launcher.arguments, WIN_ENV)
  if not line then
    local message = LOC('$$$/Autocull/Daemon/BadLauncher=Autocull cannot be started: ^1.', DaemonMessages.detail(why))
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
  ['other program'] = {
    'other_program',
    LOC '$$$/Autocull/Daemon/OtherProgram=Another program answers on the port of Autocull.',
  },
  ['wrong token'] = {
    'wrong_token',
    LOC '$$$/Autocull/Daemon/WrongToken=Autocull runs, but refuses this plug-in: another user may have started it.',
  },
  ['other version'] = {
    'other_version',
    LOC '$$$/Autocull/Daemon/OtherVersion=Another version of Autocull runs and was not replaced.',
  },
}

local function blocked(state, launcher)
  local reason = BLOCKED[state]
  if reason then return failure(reason[1], reason[2], logHint(launcher)) end
  return failure(
    'no_answer',
    LOC('$$$/Autocull/Daemon/NoAnswer=Autocull was started, but did not answer within ^1 seconds.', tostring(TIMEOUT)),
    logHint(launcher)
  )
end

local function cancelled()
  return failure('cancelled', LOC '$$$/Autocull/Daemon/Cancelled=Cancelled before Autocull answered.')
end

-- Polls until `done(state)`; returns the last state, or nil and an error where `progress` was cancelled or `started`
-- failed.
local function waitUntil(done, progress, started, launcher)
  local deadline = LrDate.currentTime() + TIMEOUT
  local state = DaemonControl.probe()
  while not done(state) do
    if progress:isCanceled() then return cancelled() end
    if started.status and started.status ~= 0 then return notStarted(launcher, started.status) end
    if LrDate.currentTime() > deadline then return state end
    LrTasks.sleep(POLL)
    state = DaemonControl.probe()
  end
  return state
end

local function isReady(state)
  return state == 'ready'
end

local function isGone(state)
  return state == 'not running' or state == 'ready'
end

local function start(progress)
  local launcher = ApiClient.readLauncherFile()
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

-- Without a launcher no other version can be started, so the daemon is left running.
local function replace(progress)
  local launcher = ApiClient.readLauncherFile()
  if not launcher then return blocked('other version', nil) end
  Log.warn('the daemon has another version than the installed one and is shut down')
  progress:setCaption(LOC '$$$/Autocull/Daemon/Replacing=Replacing an older Autocull')
  local accepted, err = ApiClient.shutdown()
  if not accepted then Log.warn('the daemon refused to shut down: ' .. err.message) end
  local state, why = waitUntil(isGone, progress, {}, launcher)
  if not state then return nil, why end
  if isReady(state) then return true end
  return start(progress)
end

--- Makes sure that the daemon of the installed version answers: starts or replaces it where needed. Returns true, or
-- nil and an error with the reason, a hint and the path of the log. `progress` shows the wait and cancels it. Task
-- needed, and no gate.
function DaemonControl.ensure(_, progress)
  local state, err = DaemonControl.probe()
  if isReady(state) then return true end
  Log.info('daemon: ' .. state .. (err and ', ' .. err.message or ''))
  if state == 'other version' then return replace(progress) end
  if state == 'stopping' then
    local later, why = waitUntil(isGone, progress, {}, ApiClient.readLauncherFile())
    if not later then return nil, why end
    if isReady(later) then return true end
  end
  return start(progress)
end

return DaemonControl
