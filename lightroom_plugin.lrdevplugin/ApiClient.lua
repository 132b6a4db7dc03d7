--[[ The daemon's API, one function per endpoint (docs/protocol.md). Every function needs a task, and must not be
called within a gate; each returns the decoded answer, or nil and an error { kind, code, status, message, hint }.

Port and token are read from the daemon's file at each call: a daemon that came back has new ones.
]]

local LrFileUtils = import 'LrFileUtils'
local LrHttp = import 'LrHttp'
local LrPathUtils = import 'LrPathUtils'
local LrTasks = import 'LrTasks'

local Json = require 'Json'
local ResponseSchema = require 'ResponseSchema'

local ApiClient = {}

ApiClient.PROTOCOL = 1

-- Seconds for each phase of a connection; no answer of the daemon takes one.
local TIMEOUT = 10

local HINT = LOC '$$$/Autocull/Api/Hint=Run "autocull doctor" in a terminal: it says what is wrong and what helps.'

local function failure(kind, code, message)
  return nil, { kind = kind, code = code, message = message, hint = HINT }
end

local function homeFile(name)
  return LrPathUtils.child(LrPathUtils.child(LrPathUtils.getStandardFilePath('home'), '.autocull'), name)
end

local function readJson(path)
  if LrFileUtils.exists(path) ~= 'file' then return nil end
  local ok, text = LrTasks.pcall(LrFileUtils.readFile, path)
  return ok and Json.decode(text) or nil
end

--- What the daemon published: port, token, pid, version; nil and an error where no daemon runs, as far as its file
-- says.
function ApiClient.published()
  local found = readJson(homeFile 'daemon.json')
  local port = type(found) == 'table' and found.port
  if type(port) ~= 'number' or port % 1 ~= 0 or port < 1 or port > 65535 or type(found.token) ~= 'string' then
    return failure('daemon', 'not_published', LOC '$$$/Autocull/Api/NotPublished=Autocull is not running.')
  end
  return found
end

--- What starts the daemon, as the installer left it: program, arguments, log, version; nil where it did not.
function ApiClient.launcher()
  local found = readJson(homeFile 'launcher.json')
  if type(found) ~= 'table' or type(found.program) ~= 'string' or type(found.arguments) ~= 'table' then return nil end
  for _, argument in ipairs(found.arguments) do
    if type(argument) ~= 'string' then return nil end
  end
  return found
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
  local said = Json.decode(text)
  local err = type(said) == 'table' and type(said.error) == 'table' and said.error or {}
  local message = type(err.message) == 'string' and err.message
    or LOC('$$$/Autocull/Api/Status=Autocull answered with status ^1.', tostring(status))
  -- The daemon's own message says what to do.
  local code = type(err.code) == 'string' and err.code or nil
  return nil, { kind = 'http', code = code, status = status, message = message }
end

local function answer(text, info)
  if text == nil then return networkFailure(info) end
  local status = type(info) == 'table' and info.status
  if type(status) ~= 'number' then return networkFailure(info) end
  if status < 200 or status > 299 then return httpFailure(status, text) end
  local value, why = Json.decode(text)
  if type(value) ~= 'table' then
    local message = LOC('$$$/Autocull/Api/NoJson=Autocull answered with what is not JSON (^1).', tostring(why))
    return failure('json', 'bad_answer', message)
  end
  return value
end

local function request(method, url, headers, body)
  local text, info
  local ok, err = LrTasks.pcall(function() text, info = send(method, url, headers, body) end)
  if not ok then return failure('plugin', 'refused', tostring(err)) end
  return answer(text, info)
end

-- The literal address: a name may be tried as ::1 first, which costs seconds on some systems.
local function address(published, path)
  return string.format('http://127.0.0.1:%.0f', published.port) .. path
end

local function call(method, path, value)
  local published, err = ApiClient.published()
  if not published then return nil, err end
  local body, why = Json.encode(value or {})
  if not body then return failure('plugin', 'not_sent', why) end
  local headers = {
    { field = 'Authorization', value = 'Bearer ' .. published.token },
    { field = 'Content-Type', value = 'application/json' },
  }
  return request(method, address(published, path), headers, body)
end

local function jobPath(id, rest)
  return '/v1/jobs/' .. id .. (rest or '')
end

local function unexpected(why)
  return failure('json', 'bad_answer', LOC('$$$/Autocull/Api/Shape=Autocull answered with ^1.', why))
end

-- Calls, and checks the answer's shape.
local function checked(check, method, path, value)
  local found, err = call(method, path, value)
  if not found then return nil, err end
  local fine, why = check(found)
  if not fine then return unexpected(why) end
  return fine
end

local function withId(found)
  if not ResponseSchema.isId(found.id) then return nil, 'an id that is none' end
  return found
end

--- Who listens on the published port: product and protocol. Sends no token, so that a stranger learns nothing.
function ApiClient.ping()
  local published, err = ApiClient.published()
  if not published then return nil, err end
  local headers = { { field = 'Content-Type', value = 'application/json' } }
  return request('GET', address(published, '/ping'), headers)
end

--- The daemon's state.
function ApiClient.status()
  return call('GET', '/v1/status')
end

--- The daemon's profiles, settings, marks table and reasons.
function ApiClient.settings()
  return call('GET', '/v1/settings')
end

--- Orders a job; `job` as the protocol has it, its `photos` an array. Returns id and total.
function ApiClient.submit(job)
  return checked(withId, 'POST', '/v1/jobs', job)
end

--- Adds photos to an open job; `more` keeps it open.
function ApiClient.add(id, photos, more)
  return checked(withId, 'POST', jobPath(id, '/photos'), { photos = Json.array(photos), more = more })
end

--- How far a job is.
function ApiClient.job(id)
  return checked(ResponseSchema.job, 'GET', jobPath(id))
end

--- A page of results numbered above `after`: results, next, complete.
function ApiClient.results(id, after, limit)
  local path = jobPath(id, string.format('/results?after=%.0f&limit=%.0f', after, limit))
  return checked(function(found) return ResponseSchema.page(found, 'results', after) end, 'GET', path)
end

--- Ends a job; what was done stays readable.
function ApiClient.cancel(id)
  return checked(ResponseSchema.job, 'POST', jobPath(id, '/cancel'), {})
end

--- Says that a job's results are in the catalog.
function ApiClient.acknowledge(id)
  return call('POST', jobPath(id, '/acknowledge'), {})
end

--- Keeps marks before and after (an array of { id, before, after }) for undo; to be called before they are written.
function ApiClient.journal(id, entries)
  return call('POST', jobPath(id, '/journal'), { entries = Json.array(entries) })
end

--- The newest journals of a catalog.
function ApiClient.journals(catalog, limit)
  return checked(
    function(found) return type(found.journals) == 'table' and found, 'no journals' end,
    'GET', string.format('/v1/journals?catalog=%s&limit=%.0f', catalog, limit)
  )
end

--- A page of a journal's entries numbered above `after`: entries, next, complete.
function ApiClient.entries(id, after, limit)
  local path = string.format('/v1/journals/%s/entries?after=%.0f&limit=%.0f', id, after, limit)
  return checked(function(found) return ResponseSchema.page(found, 'entries', after) end, 'GET', path)
end

--- Says that a journal was undone.
function ApiClient.undone(id)
  return call('POST', '/v1/journals/' .. id .. '/undone', {})
end

local function learningPath(id, rest)
  return '/v1/learnings/' .. id .. (rest or '')
end

--- Begins to learn the profile `name` from decisions (an array of { path, decision }); `more` says that further ones
-- follow. Returns the learning.
function ApiClient.learn(name, decisions, more)
  local order = { name = name, decisions = Json.array(decisions), more = more }
  return checked(ResponseSchema.learning, 'POST', '/v1/learnings', order)
end

--- Adds decisions to an open learning.
function ApiClient.decide(id, decisions, more)
  local order = { decisions = Json.array(decisions), more = more }
  return checked(ResponseSchema.learning, 'POST', learningPath(id, '/decisions'), order)
end

--- How a learning is.
function ApiClient.learning(id)
  return checked(ResponseSchema.learning, 'GET', learningPath(id))
end

--- Ends a learning; nothing is learned.
function ApiClient.cancelLearning(id)
  return checked(ResponseSchema.learning, 'POST', learningPath(id, '/cancel'), {})
end

--- Asks the daemon to end.
function ApiClient.shutdown()
  return call('POST', '/v1/shutdown', {})
end

return ApiClient
