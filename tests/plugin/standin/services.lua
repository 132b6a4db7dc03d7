--[[ LrHttp, and the namespaces for files, paths, dates, texts, logs, the shell and the system. ]]

local host = ...

local function outside(name)
  return function(...) return host.python(name, ...) end
end

local function checkHeaders(headers)
  host.expect('the headers', headers, 'table or nil')
  for _, header in ipairs(headers or {}) do
    if type(header) ~= 'table' or type(header.field) ~= 'string' or type(header.value) ~= 'string' then
      host.violation "headers are an array of { field = '', value = '' }"
    end
  end
end

local function request(method, url, body, headers, timeout)
  host.expect('the address', url, 'string')
  if not url:match '^https?://' then error('bad URL: ' .. url, 3) end
  if url:match '^https?://localhost' then
    host.violation 'use 127.0.0.1: localhost tries ::1 first, which costs seconds'
  end
  checkHeaders(headers)
  if timeout ~= nil and type(timeout) ~= 'number' then
    host.violation('the timeout is no number, so that the request is never sent: ' .. tostring(timeout))
  end
  if host.gate() then host.violation 'a request inside a gate holds the catalog while it lasts' end
  host.pause(0)
  local text, status, received = host.python('http', method, url, body, headers or {}, timeout or 30)
  host.pause(0)
  if text == nil then return nil, { error = { errorCode = status, name = received, nativeCode = -1 } } end
  local info = { status = status }
  for index, header in ipairs(received) do info[index] = header end
  return text, info
end

host.modules.LrHttp = host.namespace('LrHttp', {
  get = function(url, headers, timeout) return request('GET', url, nil, headers, timeout) end,
  post = function(url, body, headers, method, timeout, size)
    host.expect('the body', body, 'string')
    host.expect('the method', method, 'string or nil')
    host.expect('the total size', size, 'number or nil')
    return request(method or 'POST', url, body, headers, timeout)
  end,
  openUrlInBrowser = outside 'browse',
})

local function entries(name)
  return function(path)
    local paths, index = host.python(name, path), 0
    return function()
      index = index + 1
      return paths[index]
    end
  end
end

host.modules.LrFileUtils = host.namespace('LrFileUtils', {
  exists = outside 'exists', readFile = outside 'readFile', isReadable = outside 'isReadable',
  isWritable = outside 'isWritable', createDirectory = outside 'createDirectory',
  createAllDirectories = outside 'createAllDirectories', delete = outside 'delete', move = outside 'move',
  copy = outside 'copyFile', fileAttributes = outside 'fileAttributes', files = entries 'files',
  chooseUniqueFileName = outside 'chooseUniqueFileName',
  directoryEntries = entries 'directoryEntries', resolveAllAliases = function(path) return path end,
})

local function separator(path)
  return host.platform == 'win' and (path:match '^%a:' or path:match '^\\\\' or path:match '\\') and '\\' or '/'
end

local SPLIT = '^(.*)[/\\]([^/\\]+)[/\\]*$'

local function extension(path)
  return (path:match '[^/\\]+$' or ''):match '.%.([^.]*)$' or ''
end

local paths = {
  child = function(path, child)
    host.expect('the path', path, 'string')
    host.expect('the child', child, 'string')
    return (path:gsub('[/\\]+$', '')) .. separator(path) .. child
  end,
  parent = function(path)
    local parent = path:match(SPLIT)
    if parent == '' then return '/' end
    return parent
  end,
  leafName = function(path)
    local _, leaf = path:match(SPLIT)
    return leaf or path
  end,
  extension = extension,
  removeExtension = function(path)
    local ending = extension(path)
    return ending == '' and path or path:sub(1, -#ending - 2)
  end,
  addExtension = function(path, ending) return path .. '.' .. ending end,
  isAbsolute = function(path)
    return path:match '^/' ~= nil or path:match '^%a:[/\\]' ~= nil or path:match '^\\\\' ~= nil
  end,
  getStandardFilePath = outside 'standardPath',
  standardizePath = function(path) return path end,
}
paths.replaceExtension = function(path, ending) return paths.removeExtension(path) .. '.' .. ending end
paths.isRelative = function(path) return not paths.isAbsolute(path) end
host.modules.LrPathUtils = host.namespace('LrPathUtils', paths)

local COCOA = 978307200 -- the first second of 2001, as Unix counts

--- The time of the host as a date: seconds since 2001.
function host.date() return host.epoch + host.now end

--- The time of the host as Unix counts, in whole seconds.
function host.unixTime() return math.floor(host.date() + COCOA) end

local function formatted(seconds, format)
  return (format:gsub('%%1?(%a)', function(letter) return os.date('!%' .. letter, seconds + COCOA) end))
end

--- "2026-05-04T10:00:00" of seconds since 2001; the host's time zone is UTC.
function host.isoTime(seconds) return formatted(seconds, '%Y-%m-%dT%H:%M:%S') end

local function days(year, month, day)
  year, month = month <= 2 and year - 1 or year, month <= 2 and month + 9 or month - 3
  local century = math.floor(year / 400)
  local rest = year - century * 400
  local of = math.floor((153 * month + 2) / 5) + day - 1
  return century * 146097 + rest * 365 + math.floor(rest / 4) - math.floor(rest / 100) + of - 719468
end

--- Seconds since 2001 of a date in UTC.
function host.dateOf(year, month, day, hour, minute, second)
  return days(tonumber(year), tonumber(month), tonumber(day)) * 86400 + hour * 3600 + minute * 60 + second - COCOA
end

local function number(name, func)
  return function(seconds, ...)
    host.expect('the time of LrDate.' .. name, seconds, 'number')
    return func(seconds, ...)
  end
end

host.modules.LrDate = host.namespace('LrDate', {
  currentTime = host.date,
  timeToPosixDate = number('timeToPosixDate', function(seconds) return seconds + COCOA end),
  timeFromPosixDate = number('timeFromPosixDate', function(seconds) return seconds - COCOA end),
  timeToUserFormat = number('timeToUserFormat', function(seconds, format)
    return formatted(seconds + host.knobs.timeZone, format)
  end),
  timeToW3CDate = number('timeToW3CDate', function(seconds) return host.isoTime(seconds) .. '+00:00' end),
  timeToIsoDate = number('timeToIsoDate', function(seconds) return formatted(seconds, '%Y-%m-%d') end),
  formatShortDate = number('formatShortDate', function(seconds) return formatted(seconds, '%d.%m.%y') end),
  formatMediumDate = number('formatMediumDate', function(seconds) return formatted(seconds, '%d %b %Y') end),
  formatLongDate = number('formatLongDate', function(seconds) return formatted(seconds, '%d %B %Y') end),
  formatShortTime = number('formatShortTime', function(seconds) return formatted(seconds, '%H:%M') end),
  formatMediumTime = number('formatMediumTime', function(seconds) return formatted(seconds, '%H:%M:%S') end),
  timeFromComponents = host.dateOf,
  timeZone = function() return 0, false end,
})

local function ofText(name, func)
  return function(text, ...)
    host.expect('the text of LrStringUtils.' .. name, text, 'string')
    return func(text, ...)
  end
end

local function truncate(text, most)
  if #text <= most then return text end
  -- A character is never cut.
  while most > 0 and text:byte(most + 1) >= 128 and text:byte(most + 1) < 192 do most = most - 1 end
  return text:sub(1, most)
end

local function plainNumber(value, precision) return string.format('%.' .. (precision or 0) .. 'f', value) end

host.modules.LrStringUtils = host.namespace('LrStringUtils', {
  trimWhitespace = ofText('trimWhitespace', function(text) return (text:gsub('^%s+', ''):gsub('%s+$', '')) end),
  isOnlyAscii = function(text) return type(text) == 'string' and text:find '[\128-\255]' == nil end,
  truncate = ofText('truncate', truncate),
  lower = ofText('lower', outside 'lower'),
  upper = ofText('upper', outside 'upper'),
  encodeBase64 = ofText('encodeBase64', outside 'encodeBase64'),
  decodeBase64 = ofText('decodeBase64', outside 'decodeBase64'),
  compareStrings = ofText('compareStrings', function(one, other) return one < other end),
  localizedStringSort = function(texts) table.sort(texts) end,
  numberToString = plainNumber,
  numberToStringWithSeparators = function(value, precision)
    local text = plainNumber(value, precision)
    local count
    repeat text, count = text:gsub('^(%-?%d+)(%d%d%d)', '%1,%2') until count == 0
    return text
  end,
  byteString = function(bytes) return string.format('%.2f MB', bytes / 1048576) end,
})

host.modules.LrMD5 = host.namespace('LrMD5', { digest = ofText('digest', outside 'md5') })

host.modules.LrShell = host.namespace('LrShell', {
  revealInShell = outside 'reveal',
  openFilesInApp = outside 'openFiles',
})

host.modules.LrSystemInfo = host.namespace('LrSystemInfo', {
  osVersion = function() return host.platform == 'win' and 'Microsoft Windows 11' or 'macOS 15.5' end,
  summaryString = function() return host.platform == 'win' and 'Windows 11 (x64)' or 'macOS 15.5 (arm64)' end,
  memSize = function() return 16 * 1024 * 1024 * 1024 end,
  numCPUs = function() return 8 end,
  architecture = function() return 'x64' end,
  is64Bit = function() return true end,
})

local function writer(level)
  return function(self, ...)
    local logger = host.record(self, 'LrLogger')
    local words = {}
    for index = 1, select('#', ...) do words[index] = tostring((select(index, ...))) end
    local text = table.concat(words, ' ')
    if logger.action == 'function' then return logger.func(text) end
    -- Each logger writes nothing until it is enabled.
    if logger.enabled then host.python('logged', logger.name, level, text) end
    return nil
  end
end

local logging = {
  enable = function(self, action)
    local logger = host.record(self, 'LrLogger')
    logger.enabled = true
    if type(action) == 'function' then logger.action, logger.func = 'function', action end
  end,
  disable = function(self) host.record(self, 'LrLogger').enabled = false end,
  type = function() return 'LrLogger' end,
}
for _, level in ipairs { 'trace', 'debug', 'info', 'warn', 'error', 'fatal' } do
  logging[level] = writer(level)
  logging[level .. 'f'] = function(self, format, ...) logging[level](self, string.format(format, ...)) end
end
local newLogger = host.class('LrLogger', logging)

host.modules.LrLogger = host.namespace('LrLogger', {}, function(_, name)
  return newLogger { name = host.expect('the name of a log', name, 'string'), enabled = false }
end)
