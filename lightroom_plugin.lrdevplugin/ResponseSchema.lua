--[[ Validates the daemon's answers: each function takes decoded JSON and returns it in the plug-in's form, or nil and
what is wrong. Pure: no host. A valid result may be written to a catalog.
]]

local ResponseSchema = {}

local VERDICTS = { keep = true, reject = true, cannot_tell = true }
local LABELS = { none = true, red = true, yellow = true, green = true, blue = true, purple = true }
local MOST = 2 ^ 53 -- larger whole numbers are not exact
local STATES = { waiting = true, running = true, done = true, cancelled = true, failed = true }

local function isText(value)
  return type(value) == 'string'
end

local function isWhole(value, low, high)
  return type(value) == 'number' and value % 1 == 0 and value >= low and value <= high
end

local function isNumberOrNil(value)
  return value == nil or type(value) == 'number'
end

local function isShare(value)
  return type(value) == 'number' and value >= 0 and value <= 1
end

--- Returns whether a value is an id that may be part of a path of the daemon.
function ResponseSchema.isId(value)
  return isText(value) and value:find '^[%w_-]+$' ~= nil and #value <= 128
end

local function otherFrameFault(other)
  if other == nil then return nil end
  if type(other) ~= 'table' or not isText(other.path) then return 'another frame without a path' end
  for _, name in ipairs { 'eyes', 'sharp', 'light' } do
    if not isNumberOrNil(other[name]) then return 'another frame whose ' .. name .. ' is not a number' end
  end
  if not isWhole(other.faces, 0, MOST) or type(other.blinking) ~= 'table' then
    return 'another frame without its faces'
  end
  for _, face in ipairs(other.blinking) do
    if not isWhole(face, 1, MOST) then return 'an invalid number of a blinking face' end
  end
  return nil
end

local function blurFault(blur)
  if blur == nil then return nil end
  if type(blur) ~= 'table' then return 'an extent of blur that is not an object' end
  for _, name in ipairs { 'pixels', 'per_diagonal' } do
    if type(blur[name]) ~= 'number' or blur[name] < 0 then return 'an extent of blur without ' .. name end
  end
  return nil
end

local function reasonFault(reason)
  if type(reason) ~= 'table' or not isText(reason.code) then return 'a reason without a code' end
  for _, name in ipairs { 'measured', 'limit' } do
    if not isNumberOrNil(reason[name]) then return 'a reason whose ' .. name .. ' is not a number' end
  end
  if reason.text ~= nil and not isText(reason.text) then return 'a reason whose text is not a text' end
  return otherFrameFault(reason.beside) or blurFault(reason.blur)
end

local function reasonsFault(reasons)
  if reasons == nil then return nil end
  if type(reasons) ~= 'table' then return 'reasons that are not an array' end
  for _, reason in ipairs(reasons) do
    local why = reasonFault(reason)
    if why then return why end
  end
  return nil
end

local function focusFault(focus)
  if focus == nil then return nil end
  if type(focus) ~= 'table' then return 'focus that is not an object' end
  if focus.subject_sharp ~= nil and not isShare(focus.subject_sharp) then return 'sharpness outside 0 to 1' end
  if focus.kind ~= nil and not isText(focus.kind) then return 'a kind of focus that is not a text' end
  return nil
end

local function marksFault(value, anyLabel)
  if value.rating ~= nil and not isWhole(value.rating, 0, 5) then return 'a rating outside 0 to 5' end
  local isLabel = LABELS[value.label] or (anyLabel and isText(value.label) and value.label ~= '')
  if value.label ~= nil and not isLabel then return 'an unknown label' end
  if value.flag ~= nil and not isWhole(value.flag, -1, 1) then return 'a flag outside -1 to 1' end
  return nil
end

local function textsFault(value)
  for _, name in ipairs { 'eyes', 'category', 'model', 'source' } do
    if value[name] ~= nil and not isText(value[name]) then return name .. ' that is not a text' end
  end
  return nil
end

local function seriesFault(series)
  if series == nil then return nil end
  if type(series) ~= 'table' or not ResponseSchema.isId(series.id) then return 'a series without an id' end
  if not isText(series.kind) or not isText(series.best) then return 'a series without kind or best photo' end
  if not isWhole(series.size, 1, MOST) or not isWhole(series.rank, 1, series.size) then
    return 'a rank outside the series'
  end
  return nil
end

local function selectFault(select)
  if select == nil then return nil end
  if type(select) ~= 'table' or not isShare(select.probability) then return 'a probability outside 0 to 1' end
  if not isText(select.profile) or type(select.acts) ~= 'boolean' then return 'a taste without name or `acts`' end
  return nil
end

local function contextFault(value)
  return seriesFault(value.series) or selectFault(value.select)
end

local function judgedFault(value)
  if not VERDICTS[value.verdict] then return 'an unknown verdict' end
  if value.score ~= nil and not isShare(value.score) then return 'a score outside 0 to 1' end
  return marksFault(value) or reasonsFault(value.reasons) or focusFault(value.focus) or textsFault(value)
    or contextFault(value)
end

-- What a problem of the daemon { code, message, parameters } lacks; parameters may be missing.
local function problemFault(problem)
  if type(problem) ~= 'table' or not isText(problem.message) then return 'a problem without a message' end
  if problem.code ~= nil and not isText(problem.code) then return 'a problem whose code is not a text' end
  if problem.parameters ~= nil and type(problem.parameters) ~= 'table' then
    return 'a problem whose parameters are not an object'
  end
  return nil
end

local function unreadableFault(value)
  if problemFault(value.error) then return 'neither a verdict nor an error' end
  return nil
end

--- Returns a valid result, with `reasons` always a table and marks that are not set as rating 0, label 'none', flag 0.
function ResponseSchema.result(value)
  if type(value) ~= 'table' or not isText(value.id) then return nil, 'a result without an id' end
  if not isWhole(value.number, 0, MOST) then return nil, 'a result without a number' end
  local why = value.verdict == nil and unreadableFault(value) or value.verdict ~= nil and judgedFault(value)
  if why then return nil, why end
  value.reasons = value.reasons or {}
  value.rating, value.label, value.flag = value.rating or 0, value.label or 'none', value.flag or 0
  return value
end

--- Returns a valid job; id, state, total and done are present.
function ResponseSchema.job(value)
  if type(value) ~= 'table' or not ResponseSchema.isId(value.id) then return nil, 'a job without an id' end
  if not STATES[value.state] then return nil, 'a job in an unknown state' end
  if not isWhole(value.total, 0, MOST) or not isWhole(value.done, 0, MOST) then return nil, 'a job without counts' end
  for _, name in ipairs { 'rate', 'seconds_left' } do
    if not isNumberOrNil(value[name]) then return nil, 'a job whose ' .. name .. ' is not a number' end
  end
  local why = value.problem ~= nil and problemFault(value.problem)
  if why then return nil, why end
  return value
end

local LEARNING = { open = true, running = true, done = true, failed = true, cancelled = true }

local function promiseFault(promise)
  if promise == nil then return nil end
  if type(promise) ~= 'table' then return 'a promise that is not an object' end
  for _, name in ipairs { 'share', 'confidence', 'limit' } do
    if not isShare(promise[name]) then return 'a promise whose ' .. name .. ' is outside 0 to 1' end
  end
  for _, name in ipairs { 'selects', 'lost' } do
    if not isWhole(promise[name], 0, MOST) then return 'a promise without counts' end
  end
  return nil
end

local function outcomeFault(value)
  for _, name in ipairs { 'message', 'report' } do
    if value[name] ~= nil and not isText(value[name]) then return 'a learning whose ' .. name .. ' is not a text' end
  end
  if value.acts ~= nil and type(value.acts) ~= 'boolean' then return 'a taste without whether it acts' end
  return promiseFault(value.promise) or (value.problem ~= nil and problemFault(value.problem) or nil)
end

--- Returns a valid learning; id, state and counts are present.
function ResponseSchema.learning(value)
  if type(value) ~= 'table' or not ResponseSchema.isId(value.id) then return nil, 'a learning without an id' end
  if not LEARNING[value.state] then return nil, 'a learning in an unknown state' end
  for _, name in ipairs { 'decisions', 'selects' } do
    if not isWhole(value[name], 0, MOST) then return nil, 'a learning without counts' end
  end
  for _, name in ipairs { 'measured', 'total' } do
    if value[name] ~= nil and not isWhole(value[name], 0, MOST) then return nil, 'progress that is not a number' end
  end
  local why = outcomeFault(value)
  if why then return nil, why end
  return value
end

--- Returns a valid page of `name` ("results", "entries"): its array, the number after which the next page starts, and
-- whether it is the last.
function ResponseSchema.page(value, name, after)
  if type(value) ~= 'table' or type(value[name]) ~= 'table' then return nil, 'a page without ' .. name end
  if not isWhole(value.next, after, MOST) then return nil, 'a page that goes backwards' end
  if type(value.complete) ~= 'boolean' then return nil, 'a page without whether it is the last' end
  -- A page that leads to itself would be requested endlessly.
  if #value[name] > 0 and value.next == after then return nil, 'a page that leads to itself' end
  return value
end

local function marksOf(one, other)
  local marks = {}
  if one.rating ~= nil or other.rating ~= nil then marks.rating = one.rating or 0 end
  marks.label, marks.flag = one.label, one.flag
  return marks
end

--- Returns a valid entry of a journal: id, and the marks `before` and `after`. A rating of null is 0 where the other
-- side has stars; marks that are in neither were not written.
function ResponseSchema.journalEntry(value)
  if type(value) ~= 'table' or not isText(value.id) then return nil, 'an entry without an id' end
  local before, after = value.before, value.after
  if type(before) ~= 'table' or type(after) ~= 'table' then return nil, 'an entry without marks' end
  -- Labels are kept as texts, which the label set in use determines.
  local why = marksFault(before, true) or marksFault(after, true)
  if why then return nil, why end
  return { id = value.id, before = marksOf(before, after), after = marksOf(after, before) }
end

return ResponseSchema
