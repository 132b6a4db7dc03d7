--[[ The texts of a result. Codes are the daemon's and never change; texts are in Lightroom's language. For an unknown
code the daemon's own text is shown. ]]

local REASONS = require 'ReasonTextTable'

local ReasonTexts = {}

local POINT = LOC '$$$/Autocull/DecimalPoint=.'

--- Returns a number with one decimal, as Lightroom's language writes it.
function ReasonTexts.decimal(value)
  return (string.format('%.1f', value):gsub('[.,]', POINT))
end

local function percent(value)
  return string.format('%.0f %%', 100 * (value or 0))
end

local function pixels(value)
  return string.format('%.0f px', value or 0)
end

local UNITS = { percent = percent, pixels = pixels }

local function faceNumbers(blinking)
  local numbers = {}
  for index, face in ipairs(blinking) do numbers[index] = string.format('%.0f', face) end
  return table.concat(numbers, LOC '$$$/Autocull/OtherFrame/And= and ')
end

local function blinkText(other)
  local faces = string.format('%.0f', other.faces)
  if other.faces == 1 then return LOC '$$$/Autocull/OtherFrame/Closed=closed here' end
  local numbers = faceNumbers(other.blinking)
  if #other.blinking == 1 then
    return LOC('$$$/Autocull/OtherFrame/Blinks=face ^1 of ^2 from the left blinks here', numbers, faces)
  end
  return LOC('$$$/Autocull/OtherFrame/Blink=faces ^1 of ^2 from the left blink here', numbers, faces)
end

-- A lead that would be shown as 0 % is omitted.
local LEAST_LEAD = 0.005

local function leadsOf(other)
  local leads = {}
  local function add(lead, format)
    if (lead or 0) >= LEAST_LEAD then leads[#leads + 1] = format(percent(lead)) end
  end
  if #other.blinking > 0 then
    leads[1] = LOC('$$$/Autocull/OtherFrame/Open=eyes open (^1)', blinkText(other))
  else
    add(other.eyes, function(by) return LOC('$$$/Autocull/OtherFrame/Eyes=eyes more open by ^1', by) end)
  end
  add(other.sharp, function(by) return LOC('$$$/Autocull/OtherFrame/Sharper=sharper by ^1', by) end)
  add(other.light, function(by)
    return LOC("$$$/Autocull/OtherFrame/Light=its light nearer to the others' by ^1", by)
  end)
  return leads
end

-- Returns how the other frame is better, ": eyes open (closed here), sharper by 9 %", or an empty text.
local function leadsText(other)
  local leads = other and leadsOf(other) or {}
  return #leads > 0 and ': ' .. table.concat(leads, ', ') or ''
end

-- Returns the name of a file without its folders; the path may be of another system.
local function fileName(path)
  return path:match '[^/\\]*$'
end

local function frameName(other)
  if not other then return LOC '$$$/Autocull/OtherFrame/Another=Another frame' end
  return LOC('$$$/Autocull/OtherFrame/Frame=Frame ^1', fileName(other.path))
end

-- By kind of series: its `name` in the Metadata panel, and the text of a `count`.
local KINDS = {
  single = { name = LOC '$$$/Autocull/Kind/Single=Alone' },
  duplicate = {
    name = LOC '$$$/Autocull/Kind/Duplicate=Copies',
    count = function(n, photos) return LOC('$$$/Autocull/Count/Duplicate=Copies: ^1 times, ^2 photos', n, photos) end,
  },
  burst = {
    name = LOC '$$$/Autocull/Kind/Burst=Burst',
    count = function(n, photos) return LOC('$$$/Autocull/Count/Burst=Bursts: ^1, with ^2 photos', n, photos) end,
  },
  bracket = {
    name = LOC '$$$/Autocull/Kind/Bracket=Bracket',
    isSet = true,
    count = function(n, photos)
      return LOC('$$$/Autocull/Count/Bracket=Brackets, kept whole: ^1, with ^2 photos', n, photos)
    end,
  },
  focus_stack = {
    name = LOC '$$$/Autocull/Kind/FocusStack=Focus stack',
    isSet = true,
    count = function(n, photos)
      return LOC('$$$/Autocull/Count/FocusStack=Focus stacks, kept whole: ^1, with ^2 photos', n, photos)
    end,
  },
  panorama = {
    name = LOC '$$$/Autocull/Kind/Panorama=Panorama',
    isSet = true,
    count = function(n, photos)
      return LOC('$$$/Autocull/Count/Panorama=Panoramas, kept whole: ^1, with ^2 photos', n, photos)
    end,
  },
}

local VERDICTS = {
  keep = LOC '$$$/Autocull/Verdict/Keep=Keep',
  reject = LOC '$$$/Autocull/Verdict/Reject=Reject',
  cannot_tell = LOC '$$$/Autocull/Verdict/CannotTell=Cannot tell',
}

local EYES = {
  open = LOC '$$$/Autocull/Eyes/Open=Open',
  closed = LOC '$$$/Autocull/Eyes/Closed=Closed',
  cannot_tell = LOC '$$$/Autocull/Eyes/CannotTell=Cannot tell',
  no_faces = LOC '$$$/Autocull/Eyes/NoFaces=No faces',
}

local CATEGORIES = {
  people = LOC '$$$/Autocull/Category/People=People',
  landscape = LOC '$$$/Autocull/Category/Landscape=Landscape',
  architecture_city = LOC '$$$/Autocull/Category/Architecture=Architecture and city',
  animals = LOC '$$$/Autocull/Category/Animals=Animals',
  food = LOC '$$$/Autocull/Category/Food=Food',
  macro_plants = LOC '$$$/Autocull/Category/Plants=Plants and macro',
  other = LOC '$$$/Autocull/Category/Other=Other',
}

--- Returns the codes of all reasons that have texts here, sorted.
function ReasonTexts.codes()
  local codes = {}
  for code in pairs(REASONS) do codes[#codes + 1] = code end
  table.sort(codes)
  return codes
end

--- Returns the codes of the reasons that can reject a photo, sorted.
function ReasonTexts.rejectCodes()
  local codes = {}
  for _, code in ipairs(ReasonTexts.codes()) do
    if REASONS[code].cause then codes[#codes + 1] = code end
  end
  return codes
end

--- Returns the sentence of a reason without a full stop, with measured value, limit and extent of a missed focus.
function ReasonTexts.reason(reason)
  local entry = REASONS[reason.code]
  if not entry then return reason.text or reason.code end
  local format = UNITS[entry.unit] or percent
  local measured, limit = format(reason.measured), format(reason.limit)
  local sentence = entry.text(measured, limit, frameName(reason.beside), leadsText(reason.beside))
  if not reason.blur then return sentence end
  local width, parts = pixels(reason.blur.pixels), string.format('%.0f', reason.blur.per_diagonal)
  return LOC(
    '$$$/Autocull/Blur/Extent=^1: a missed focus about ^2 wide at 2048 px, 1/^3 of the diagonal',
    sentence, width, parts
  )
end

--- Returns all reasons of a result as one text, which may be empty.
function ReasonTexts.reasons(reasons)
  local sentences = {}
  for index, reason in ipairs(reasons) do sentences[index] = ReasonTexts.reason(reason) end
  return table.concat(sentences, '; ')
end

--- Returns the title of a count or a collection of photos with this reason.
function ReasonTexts.reasonName(code)
  return REASONS[code] and REASONS[code].name or code
end

--- Returns the share of a reason: "27 of 30 rejects come from closed eyes".
function ReasonTexts.share(code, count, rejects)
  local entry = REASONS[code]
  local cause = entry and (entry.cause or entry.name) or code
  return LOC('$$$/Autocull/Count/Share=^1 of ^2 rejects come from ^3', tostring(count), tostring(rejects), cause)
end

--- Returns the name of a verdict.
function ReasonTexts.verdict(code)
  return VERDICTS[code] or code
end

--- Returns the name of a category.
function ReasonTexts.category(code)
  return CATEGORIES[code] or code
end

--- Returns the name of a state of the eyes.
function ReasonTexts.eyes(code)
  return EYES[code] or code
end

--- Returns the name of a kind of series.
function ReasonTexts.kind(code)
  return KINDS[code] and KINDS[code].name or code
end

--- Returns the count of a kind of series: "Bursts: 4, with 12 photos".
function ReasonTexts.seriesCount(code, count, photos)
  local kind = KINDS[code]
  local many, pictures = string.format('%.0f', count), string.format('%.0f', photos)
  if kind and kind.count then return kind.count(many, pictures) end
  return LOC('$$$/Autocull/Count/Series=^1: ^2, with ^3 photos', code, many, pictures)
end

--- Returns a photo's rank in its series, "Burst of 5: rank 2, after IMG_0042.JPG"; nil for a single photo.
function ReasonTexts.seriesRank(series)
  if not series or series.size == 1 then return nil end
  local size = string.format('%.0f', series.size)
  local name = LOC('$$$/Autocull/SeriesRank/Of=^1 of ^2', ReasonTexts.kind(series.kind), size)
  local rank = string.format('%.0f', series.rank)
  if KINDS[series.kind] and KINDS[series.kind].isSet then
    return LOC('$$$/Autocull/SeriesRank/Set=^1: frame ^2, kept whole', name, rank)
  end
  if series.rank == 1 then return LOC('$$$/Autocull/SeriesRank/Best=^1: the best', name) end
  return LOC('$$$/Autocull/SeriesRank/Rank=^1: rank ^2, after ^3', name, rank, fileName(series.best))
end

--- Returns the prediction of the photographer's taste, with whether it decides; nil where no taste was used.
function ReasonTexts.select(select)
  if not select then return nil end
  local chance = percent(select.probability)
  if select.acts then return LOC('$$$/Autocull/Select/Acts=^1 by your taste ^2', chance, select.profile) end
  return LOC('$$$/Autocull/Select/Shown=^1 by your taste ^2, which is shown only', chance, select.profile)
end

--- Returns the guarantee of a taste on wrong rejects; nil where there is none.
function ReasonTexts.promise(promise)
  if not promise then return nil end
  local selects, lost = string.format('%.0f', promise.selects), string.format('%.0f', promise.lost)
  if promise.limit == 0 then
    return LOC('$$$/Autocull/Promise/None=It rejects nothing yet: ^1 picks are too few for a promise.', selects)
  end
  local share, sure = ReasonTexts.decimal(100 * promise.share) .. ' %', percent(promise.confidence)
  return LOC(
    '$$$/Autocull/Promise/Made=It rejects at most ^1 of your selects (sure to ^2); of those held out ^3 of ^4.',
    share, sure, lost, selects
  )
end

--- Returns the counts of a tally: "3 keep, 2 reject, 1 cannot tell".
function ReasonTexts.counts(tally)
  return LOC(
    '$$$/Autocull/Count/Verdicts=^1 keep, ^2 reject, ^3 cannot tell',
    tostring(tally.keep), tostring(tally.reject), tostring(tally.cannotTell)
  )
end

--- Returns the time left, "about 2 minutes left"; nil where `seconds` is nil.
function ReasonTexts.timeLeft(seconds)
  if not seconds then return nil end
  if seconds < 60 then return LOC '$$$/Autocull/Left/Soon=less than a minute left' end
  if seconds < 90 then return LOC '$$$/Autocull/Left/Minute=about a minute left' end
  return LOC('$$$/Autocull/Left/Minutes=about ^1 minutes left', string.format('%.0f', seconds / 60))
end

return ReasonTexts
