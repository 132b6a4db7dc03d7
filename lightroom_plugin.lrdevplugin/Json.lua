--[[ A strict encoder and decoder of JSON (RFC 8259): invalid JSON or UTF-8 is refused with a reason, never repaired.

Pure: no host. A null becomes an absent key, or Json.null inside an array, where positions matter; Json.null is encoded
as null. Arrays that may be empty are marked by Json.array, since Lua has one kind of table; decoded arrays are marked.
]]

local Json = {}

local DEPTH = 64
local LONGEST = 5 * 1024 * 1024
local WHOLE = 2 ^ 53

--- Stands for JSON's null.
Json.null = setmetatable({}, { __tostring = function() return 'null' end })

local ARRAY = {}

--- Marks a table as an array, so that it is encoded as one even where it is empty; returns it.
function Json.array(items)
  return setmetatable(items, ARRAY)
end

-- Returns the end of the UTF-8 sequence that starts at `at`; nil for overlong forms, surrogates and code points above
-- U+10FFFF.
local function sequence(text, at)
  local first, second, third, fourth = text:byte(at, at + 3)
  local function follows(byte) return byte and byte >= 128 and byte < 192 end
  if first < 194 or first > 244 or not follows(second) then return nil end
  if first < 224 then return at + 1 end
  if not follows(third) then return nil end
  if first < 240 then
    if (first == 224 and second < 160) or (first == 237 and second > 159) then return nil end
    return at + 2
  end
  if not follows(fourth) or (first == 240 and second < 144) or (first == 244 and second > 143) then return nil end
  return at + 3
end

local function isUtf8(text)
  local at = text:find '[\128-\255]'
  while at do
    local last = sequence(text, at)
    if not last then return false end
    at = text:find('[\128-\255]', last + 1)
  end
  return true
end

--- Returns whether a text is valid UTF-8.
Json.isUtf8 = isUtf8

local NAMED = {
  ['"'] = '\\"', ['\\'] = '\\\\', ['\b'] = '\\b', ['\f'] = '\\f', ['\n'] = '\\n', ['\r'] = '\\r', ['\t'] = '\\t',
}

local function escaped(character)
  return NAMED[character] or string.format('\\u%04x', character:byte())
end

local function writeText(text)
  if not isUtf8(text) then return nil, 'a text is not UTF-8' end
  return '"' .. text:gsub('[%z\1-\31"\\]', escaped) .. '"'
end

local function writeNumber(number)
  if number ~= number or number == math.huge or number == -math.huge then
    return nil, 'a number is not finite'
  end
  if number % 1 == 0 and math.abs(number) < WHOLE then return string.format('%.0f', number) end
  -- A locale with a decimal comma must not change the protocol.
  return (string.format('%.17g', number):gsub(',', '.'))
end

local write

local function writeArray(items, depth)
  local parts = {}
  for index = 1, #items do
    local part, why = write(items[index], depth + 1)
    if not part then return nil, why end
    parts[index] = part
  end
  return '[' .. table.concat(parts, ',') .. ']'
end

local function writeObject(fields, depth)
  local keys, parts = {}, {}
  for key in pairs(fields) do
    if type(key) ~= 'string' then return nil, 'a table mixes an array with named fields, or has gaps' end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  for index, key in ipairs(keys) do
    local name, why = writeText(key)
    if not name then return nil, why end
    local part, fault = write(fields[key], depth + 1)
    if not part then return nil, fault end
    parts[index] = name .. ':' .. part
  end
  return '{' .. table.concat(parts, ',') .. '}'
end

local function isArray(value)
  local count = 0
  for key in pairs(value) do
    if type(key) ~= 'number' then return false end
    count = count + 1
  end
  return count == #value and (count > 0 or getmetatable(value) == ARRAY)
end

local WRITE = { string = writeText, number = writeNumber, boolean = tostring }

function write(value, depth)
  if value == Json.null then return 'null' end
  if depth > DEPTH then return nil, 'tables are nested deeper than ' .. DEPTH .. ' levels' end
  if type(value) == 'table' then
    return (isArray(value) and writeArray or writeObject)(value, depth)
  end
  local writer = WRITE[type(value)]
  if not writer then return nil, 'a ' .. type(value) .. ' cannot be written as JSON' end
  return writer(value)
end

--- Returns the JSON text of a value, with sorted keys; nil and the reason for a value that JSON cannot represent.
function Json.encode(value)
  local text, why = write(value, 1)
  if not text then return nil, why end
  return text
end

-- Every reader returns the position after what it read and the value, or nil and the reason.
local read

local function fault(what, at)
  return nil, what .. ' (byte ' .. at .. ')'
end

local function skip(text, at)
  return text:match('^[ \t\r\n]*()', at)
end

local function utf8(code)
  local function tail(value) return 128 + value % 64 end
  local floor = math.floor
  if code < 128 then return string.char(code) end
  if code < 2048 then return string.char(192 + floor(code / 64), tail(code)) end
  if code < 65536 then return string.char(224 + floor(code / 4096), tail(floor(code / 64)), tail(code)) end
  return string.char(240 + floor(code / 262144), tail(floor(code / 4096)), tail(floor(code / 64)), tail(code))
end

local PLAIN = { ['"'] = '"', ['\\'] = '\\', ['/'] = '/', b = '\b', f = '\f', n = '\n', r = '\r', t = '\t' }

local function readUnicode(text, at)
  local code = tonumber(text:match('^%x%x%x%x', at) or '', 16)
  if not code then return fault('four hexadecimal digits must follow \\u', at) end
  if code >= 56320 and code < 57344 then return fault('half a character', at) end
  if code < 55296 or code >= 57344 then return at + 4, utf8(code) end
  local low = tonumber(text:match('^\\u(%x%x%x%x)', at + 4) or '', 16)
  if not low or low < 56320 or low > 57343 then return fault('half a character', at) end
  return at + 10, utf8(65536 + (code - 55296) * 1024 + low - 56320)
end

local function readEscape(text, at)
  local character = text:sub(at + 1, at + 1)
  if character == 'u' then return readUnicode(text, at + 2) end
  if not PLAIN[character] then return fault('an escape that JSON does not have', at) end
  return at + 2, PLAIN[character]
end

local function readText(text, at)
  local parts, from = {}, at + 1
  while true do
    local stop = text:find('["\\%z\1-\31]', from)
    if not stop then return fault('a text that does not end', at) end
    parts[#parts + 1] = text:sub(from, stop - 1)
    local character = text:sub(stop, stop)
    if character == '"' then return stop + 1, table.concat(parts) end
    if character ~= '\\' then return fault('a control character in a text', stop) end
    local after, part = readEscape(text, stop)
    if not after then return nil, part end
    parts[#parts + 1], from = part, after
  end
end

local function readNumber(text, at)
  local after = text:match('^%-?[1-9]%d*()', at) or text:match('^%-?0()', at)
  if not after then return fault('not a value', at) end
  after = text:match('^%.%d+()', after) or after
  after = text:match('^[eE][+-]?%d+()', after) or after
  local number = tonumber(text:sub(at, after - 1))
  if not number or number == math.huge or number == -math.huge then return fault('a number too large', at) end
  return after, number
end

local function readArray(text, at, depth)
  local items = Json.array {}
  local position = skip(text, at + 1)
  if text:sub(position, position) == ']' then return position + 1, items end
  while true do
    local after, value = read(text, position, depth)
    if not after then return nil, value end
    items[#items + 1] = value
    position = skip(text, after)
    local mark = text:sub(position, position)
    if mark == ']' then return position + 1, items end
    if mark ~= ',' then return fault('a comma or ] is missing', position) end
    position = skip(text, position + 1)
  end
end

local function readField(text, at, depth)
  if text:sub(at, at) ~= '"' then return fault('a key is missing', at) end
  local after, key = readText(text, at)
  if not after then return nil, key end
  local colon = skip(text, after)
  if text:sub(colon, colon) ~= ':' then return fault('a colon is missing', colon) end
  local stop, value = read(text, skip(text, colon + 1), depth)
  if not stop then return nil, value end
  return skip(text, stop), value, key
end

local function readObject(text, at, depth)
  local fields, keys = {}, {}
  local position = skip(text, at + 1)
  if text:sub(position, position) == '}' then return position + 1, fields end
  while true do
    local after, value, key = readField(text, position, depth)
    if not after then return nil, value end
    if keys[key] then return fault('a key twice in one object', position) end
    keys[key] = true
    if value ~= Json.null then fields[key] = value end
    local mark = text:sub(after, after)
    if mark == '}' then return after + 1, fields end
    if mark ~= ',' then return fault('a comma or } is missing', after) end
    position = skip(text, after + 1)
  end
end

local LITERALS = { t = { 'true', true }, f = { 'false', false }, n = { 'null', Json.null } }
local READ = { ['{'] = readObject, ['['] = readArray, ['"'] = readText }

function read(text, at, depth)
  if depth >= DEPTH then return fault('nested deeper than ' .. DEPTH .. ' levels', at) end
  local first = text:sub(at, at)
  local word = LITERALS[first]
  if word then
    if text:sub(at, at + #word[1] - 1) ~= word[1] then return fault('not a value', at) end
    return at + #word[1], word[2]
  end
  return (READ[first] or readNumber)(text, at, depth + 1)
end

--- Returns the value of a JSON text; nil and the reason where it is not strict JSON, not UTF-8, or longer than 5 MB.
function Json.decode(text)
  if type(text) ~= 'string' then return nil, 'not a text' end
  if #text > LONGEST then return nil, 'longer than 5 MB' end
  if not isUtf8(text) then return nil, 'not UTF-8' end
  local after, value = read(text, skip(text, 1), 0)
  if not after then return nil, value end
  local stop = skip(text, after)
  if stop <= #text then return fault('text follows the value', stop) end
  return value
end

return Json
