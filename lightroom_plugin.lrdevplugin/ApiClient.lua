--[[ The client of the daemon's API, one function per endpoint (docs/protocol.md). Every function needs a task, and must
not be called within a gate; each returns the decoded answer, or nil and an error { kind, code, status, message, hint }.

Port and token are read from the daemon's file at each call: a daemon that restarted has new ones.
]]

local LrFileUtils = import 'LrFileUtils'
local LrHttp = import 'LrHttp'
local LrPathUtils = import 'LrPathUtils'
local LrTasks = import 'LrTasks'

local DaemonMessages = require 'DaemonMessages'
local Json = require 'Json'
local ResponseSchema = require 'ResponseSchema'

local ApiClient = {}

ApiClient.PROTOCOL = 1

-- Seconds for each phase of a connection; the daemon answers in less than one.
local TIMEOUT = 10

local HINT =
  LOC '$$$/Autocull/Api/Hint=Run "autocull doctor" in a terminal: it reports what is wrong and how to fix it.'

local function failure(kind, code, message)
  return nil, { kind = kind, code = code, message = message, hint = HINT }
end

local function runtimeFile(name)
  return LrPathUtils.child(LrPathUtils.child(LrPathUtils.getStandardFilePath('home'), '.autocull'), name)
end

local function readJson(path)
  if LrFileUtils.exists(path) ~= 'file' then return nil end
  local ok, text = LrTasks.pcall(LrFileUtils.readFile, path)
  return ok and Json.decode(text) or nil
end

--- Returns the content of the daemon's file: port, token, pid, version; nil and an error where there is none, which
-- means that no daemon runs.
function ApiClient.readDaemonFile()
  local daemon = readJson(runtimeFile 'daemon.json')
  local port = type(daemon) == 'table' and daemon.port
  if type(port) ~= 'number' or port % 1 ~= 0 or port < 1 or port > 65535 or type(daemon.token) ~= 'string' then
    return failure('daemon', 'not_published', LOC '$$$/Autocull/Api/NotPublished=Autocull is not running.')
  end
  return daemon
end

--- Returns the launcher that the installer wrote: program, arguments, log, version; nil where there is none.
function ApiClient.readLauncherFile()
  local launcher = readJson(runtimeFile 'launcher.json')
  if type(launcher) ~= 'table' then return nil end
  if type(launcher.program) ~= 'string' or type(launcher.arguments) ~= 'table' then return nil end
  for _, argument in ipairs(launcher.arguments) do
    if type(argument) ~= 'string' then return nil end
  end
  return launcher
end

local function send(method, url, headers, body)
  if method == 'GET' then return LrHttp.get(url, headers, TIMEOUT) end
  return LrHttp.post(url, body, headers, method, TIMEOUT)
end

local function networkFailure(info)
  local why = type(info) == 'table' and info.error or {}
  local name = tostring(why.name or why.errorCode or '?')
  local message = LOC('$$$/Autocull/Api/Network=Autocull cannot be reached (^1).', name)
  return failure('network', why.errorCode, message)
end

local function httpFailure(status, text)
  local body = Json.decode(text)
  local err = type(body) == 'table' and type(body.error) == 'table' and body.error or {}
  -- The daemon's own message contains the hint.
  local code = type(err.code) == 'string' and err.code or nil
  local message = code and DaemonMessages.text(err)
    or LOC('$$$/Autocull/Api/Status=Autocull answered with status ^1.', tostring(status))
  return nil, { kind = 'http', code = code, status = status, message = message }
end

local function parseResponse(text, info)
  if text == nil then return networkFailure(info) end
  local status = type(info) == 'table' and info.status
  if type(status) ~= 'number' then return networkFailure(info) end
  if status < 200 or status > 299 then return httpFailure(status, text) end
  local value, why = Json.decode(text)
  if type(value) ~= 'table' then
    local detail = DaemonMessages.detail(tostring(why))
    local message = LOC('$$$/Autocull/Api/NoJson=The answer of Autocull is not valid JSON (^1).', detail)
    return failure('json', 'bad_answer', message)
  end
  return value
end

local function notSent(why)
  return LOC('$$$/Autocull/Api/NotSent=The request to Autocull was not sent (^1).', DaemonMessages.detail(why))
end

local function request(method, url, headers, body)
  local text, info
  local ok, err = LrTasks.pcall(function() text, info = send(method, url, headers, body) end)
  if not ok then return failure('plugin', 'refused', notSent(tostring(err))) end
  return parseResponse(text, info)
end

-- The literal address: "localhost" may be tried as ::1 first, which costs seconds on some systems.
local function urlOf(daemon, path)
  return string.format('http://127.0.0.1:%.0f', daemon.port) .. path
end

local function call(method, path, value)
  local daemon, err = ApiClient.readDaemonFile()
  if not daemon then return nil, err end
  local body, why = Json.encode(value or {})
  if not body then return failure('plugin', 'not_sent', notSent(why)) end
  local headers = {
    { field = 'Authorization', value = 'Bearer ' .. daemon.token },
    { field = 'Content-Type', value = 'application/json' },
  }
  return request(method, urlOf(daemon, path), headers, body)
end

local function jobPath(id, rest)
  return '/v1/jobs/' .. id .. (rest or '')
end

local function unexpected(why)
  local detail = DaemonMessages.detail(why)
  return failure('json', 'bad_answer', LOC('$$$/Autocull/Api/Shape=Autocull answered with ^1.', detail))
end

-- Calls, and validates the answer with `check`.
local function callChecked(check, method, path, value)
  local answer, err = call(method, path, value)
  if not answer then return nil, err end
  local valid, why = check(answer)
  if not valid then return unexpected(why) end
  return valid
end

local function withId(answer)
  if not ResponseSchema.isId(answer.id) then return nil, 'an invalid id' end
  return answer
end

--- Returns product and protocol of the program on the daemon's port. Sends no token: it may be another program.
function ApiClient.ping()
  local daemon, err = ApiClient.readDaemonFile()
  if not daemon then return nil, err end
  local headers = { { field = 'Content-Type', value = 'application/json' } }
  return request('GET', urlOf(daemon, '/ping'), headers)
end

--- Returns the daemon's state.
function ApiClient.status()
  return call('GET', '/v1/status')
end

--- Returns the daemon's profiles, settings, marks table and reasons.
function ApiClient.settings()
  return call('GET', '/v1/settings')
end

--- Submits a job as the protocol has it, with `photos` an array. Returns id and total.
function ApiClient.submit(job)
  return callChecked(withId, 'POST', '/v1/jobs', job)
end

--- Adds photos to an open job; `more` keeps it open.
function ApiClient.addPhotos(id, photos, more)
  return callChecked(withId, 'POST', jobPath(id, '/photos'), { photos = Json.array(photos), more = more })
end

--- Returns a job with its progress.
function ApiClient.job(id)
  return callChecked(ResponseSchema.job, 'GET', jobPath(id))
end

--- Returns a page of results numbered above `after`: results, next, complete.
function ApiClient.results(id, after, limit)
  local path = jobPath(id, string.format('/results?after=%.0f&limit=%.0f', after, limit))
  return callChecked(function(answer) return ResponseSchema.page(answer, 'results', after) end, 'GET', path)
end

--- Cancels a job; finished results stay readable.
function ApiClient.cancel(id)
  return callChecked(ResponseSchema.job, 'POST', jobPath(id, '/cancel'), {})
end

--- Acknowledges that a job's results are in the catalog.
function ApiClient.acknowledge(id)
  return call('POST', jobPath(id, '/acknowledge'), {})
end

--- Adds marks before and after (an array of { id, before, after }) to the journal, before they are written.
function ApiClient.addJournalEntries(id, entries)
  return call('POST', jobPath(id, '/journal'), { entries = Json.array(entries) })
end

--- Returns the newest journals of a catalog.
function ApiClient.journals(catalog, limit)
  return callChecked(
    function(answer) return type(answer.journals) == 'table' and answer, 'no journals' end,
    'GET', string.format('/v1/journals?catalog=%s&limit=%.0f', catalog, limit)
  )
end

--- Returns a page of a journal's entries numbered above `after`: entries, next, complete.
function ApiClient.journalEntries(id, after, limit)
  local path = string.format('/v1/journals/%s/entries?after=%.0f&limit=%.0f', id, after, limit)
  return callChecked(function(answer) return ResponseSchema.page(answer, 'entries', after) end, 'GET', path)
end

--- Marks a journal as undone.
function ApiClient.markUndone(id)
  return call('POST', '/v1/journals/' .. id .. '/undone', {})
end

local function learningPath(id, rest)
  return '/v1/learnings/' .. id .. (rest or '')
end

--- Starts to learn the profile `name` from decisions (an array of { path, decision }); `more`: whether further ones
-- follow. Returns the learning.
function ApiClient.startLearning(name, decisions, more)
  local learning = { name = name, decisions = Json.array(decisions), more = more }
  return callChecked(ResponseSchema.learning, 'POST', '/v1/learnings', learning)
end

--- Adds decisions to an open learning.
function ApiClient.addDecisions(id, decisions, more)
  local addition = { decisions = Json.array(decisions), more = more }
  return callChecked(ResponseSchema.learning, 'POST', learningPath(id, '/decisions'), addition)
end

--- Returns a learning with its progress.
function ApiClient.learning(id)
  return callChecked(ResponseSchema.learning, 'GET', learningPath(id))
end

--- Cancels a learning; nothing is learned.
function ApiClient.cancelLearning(id)
  return callChecked(ResponseSchema.learning, 'POST', learningPath(id, '/cancel'), {})
end

--- Tells the daemon to shut down.
function ApiClient.shutdown()
  return call('POST', '/v1/shutdown', {})
end

return ApiClient
