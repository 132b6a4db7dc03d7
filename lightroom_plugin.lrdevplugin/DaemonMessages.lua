--[[ What the daemon reports, in Lightroom's language. Its own message is in English and has more detail: it is shown in
an English Lightroom, and written to the log in every other one. A text belongs to a code, or to a code and a reason
(docs/protocol.md).
]]

local Log = require 'Log'

local DaemonMessages = {}

local IS_ENGLISH = LOC '$$$/Autocull/Language=en' == 'en'

local BUSY = LOC '$$$/Autocull/Daemon/Stopping=Autocull is ending. Try again in a moment.'
local STORE = LOC '$$$/Autocull/Daemon/Store=Autocull cannot use its database: is the disk full?'
local GONE = LOC '$$$/Autocull/Daemon/UnknownJob=Autocull no longer has this run: results are kept for a week.'
local OTHER_VERSION = LOC '$$$/Autocull/Daemon/JobVersion=The run was begun with another version of Autocull.'

local TEXTS = {
  stopping = function() return BUSY end,
  store = function() return STORE end,
  ['store/damaged'] = function()
    return LOC '$$$/Autocull/Daemon/StoreDamaged=The database of Autocull was damaged and was begun anew. Try again.'
  end,
  ['store/other_program'] = function()
    return LOC '$$$/Autocull/Daemon/StoreOther=The database of Autocull is a file of another program.'
  end,
  unknown_job = function() return GONE end,
  unknown_journal = function()
    return LOC '$$$/Autocull/Daemon/UnknownJournal=Autocull no longer has the record of this run.'
  end,
  unknown_learning = function() return LOC '$$$/Autocull/Daemon/UnknownLearning=Autocull no longer learns this.' end,
  ['wrong_state/job_closed'] = function() return LOC '$$$/Autocull/Daemon/JobClosed=The run takes no more photos.' end,
  ['wrong_state/journal_undone'] = function()
    return LOC '$$$/Autocull/Daemon/JournalUndone=This run was undone already.'
  end,
  ['wrong_state/learning_running'] = function()
    return LOC '$$$/Autocull/Daemon/LearningRuns=Autocull is learning already. Wait until that has ended.'
  end,
  ['wrong_state/learning_closed'] = function()
    return LOC '$$$/Autocull/Daemon/LearningClosed=This learning takes no more decisions.'
  end,
  ['bad_request/decisions'] = function(values)
    return LOC('$$$/Autocull/Daemon/TooManyDecisions=These are more than ^1 decisions.', values.maximum)
  end,
  bad_settings = function()
    return LOC '$$$/Autocull/Daemon/BadSettings=Autocull refuses these settings: check kind of shoot, taste and marks.'
  end,
  ['bad_settings/unknown_taste'] = function(values)
    return LOC('$$$/Autocull/Daemon/UnknownTaste=There is no taste ^1.', values.taste)
  end,
  ['bad_settings/damaged_taste'] = function(values)
    return LOC('$$$/Autocull/Daemon/DamagedTaste=The taste ^1 is damaged: learn it again.', values.taste)
  end,
  ['bad_settings/other_version'] = function() return OTHER_VERSION end,
  too_large = function() return LOC '$$$/Autocull/Daemon/TooLarge=The request was too large.' end,
  model = function(values)
    return LOC('$$$/Autocull/Daemon/Model=A network is missing or damaged (^1): install Autocull again.', values.model)
  end,
  too_few_decisions = function(values)
    return LOC(
      '$$$/Autocull/Daemon/FewDecisions=There are ^1 decisions, ^2 of them picks: ^3 are needed, and ^4 of each kind.',
      values.decisions, values.selects, values.needed_decisions, values.needed_of_each
    )
  end,
  not_compared = function(values)
    return LOC(
      '$$$/Autocull/Daemon/NotCompared=^1 photos are in no series: their files changed, or the disk is full.',
      values.photos
    )
  end,
  too_few_shoots = function(values)
    return LOC(
      '$$$/Autocull/Daemon/FewShoots=The decisions are of ^1 shoots: ^2 are needed.',
      values.shoots, values.needed_shoots
    )
  end,
  ended = function() return LOC '$$$/Autocull/Daemon/LearningEnded=The learning ended without a result.' end,
  not_started = function() return LOC '$$$/Autocull/Daemon/LearningNotStarted=The learning could not be started.' end,
}

-- The parameters of a problem as texts; "?" for one that is missing.
local function textsOf(parameters)
  local values = {}
  for name, value in pairs(type(parameters) == 'table' and parameters or {}) do
    local isWhole = type(value) == 'number' and value % 1 == 0
    values[name] = isWhole and string.format('%.0f', value) or tostring(value)
  end
  return setmetatable(values, { __index = function() return '?' end })
end

local function textOf(problem)
  local values = textsOf(problem.parameters)
  local format = TEXTS[tostring(problem.code) .. '/' .. values.reason] or TEXTS[problem.code]
  if format then return format(values) end
  return LOC('$$$/Autocull/Daemon/Problem=Autocull reports a problem (^1).', tostring(problem.code or '?'))
end

--- Returns the text of a problem { code, message, parameters } of the daemon.
function DaemonMessages.text(problem)
  local message = type(problem.message) == 'string' and problem.message or nil
  if IS_ENGLISH and message then return message end
  Log.info('the daemon reports: ' .. tostring(problem.code) .. ': ' .. tostring(message))
  return textOf(problem)
end

--- Returns a technical detail, which is in English, as it is shown: in another language it goes to the log.
function DaemonMessages.detail(text)
  if IS_ENGLISH then return text end
  Log.info('detail: ' .. tostring(text))
  return LOC '$$$/Autocull/Daemon/Detail=see the log'
end

return DaemonMessages
