--[[ Everything that a result says, in words. Codes are the daemon's and never change; the words follow Lightroom's
language. A code that this version does not know is shown in the daemon's own words. ]]

local Words = {}

local function percent(value)
  return string.format('%.0f %%', 100 * (value or 0))
end

local function pixels(value)
  return string.format('%.0f px', value or 0)
end

-- Per code: `name` heads a count or a collection; `text` is the sentence; `cause` is what rejects come from.
local REASONS = {
  eyes_closed = {
    name = LOC '$$$/Autocull/Reason/EyesClosed=Eyes closed',
    cause = LOC '$$$/Autocull/Cause/EyesClosed=closed eyes',
    text = function(m, l)
      return LOC('$$$/Autocull/Why/EyesClosed=Eyes closed on the marked face (open ^1, limit ^2)', m, l)
    end,
  },
  eyes_doubtful = {
    name = LOC '$$$/Autocull/Reason/EyesDoubtful=Eyes doubtful',
    text = function(m, l)
      return LOC('$$$/Autocull/Why/EyesDoubtful=Eyes perhaps closed on the marked face (open ^1, limit ^2)', m, l)
    end,
  },
  out_of_focus = {
    name = LOC '$$$/Autocull/Reason/OutOfFocus=Out of focus',
    cause = LOC '$$$/Autocull/Cause/OutOfFocus=missed focus',
    text = function(m, l) return LOC('$$$/Autocull/Why/OutOfFocus=Subject out of focus (sharp ^1, limit ^2)', m, l) end,
  },
  motion_blur = {
    name = LOC '$$$/Autocull/Reason/MotionBlur=Motion blur',
    cause = LOC '$$$/Autocull/Cause/MotionBlur=motion blur',
    text = function(m, l)
      return LOC('$$$/Autocull/Why/MotionBlur=Subject blurred by motion (sharp ^1, limit ^2)', m, l)
    end,
  },
  focus_doubtful = {
    name = LOC '$$$/Autocull/Reason/FocusDoubtful=Focus doubtful',
    text = function(m, l)
      return LOC('$$$/Autocull/Why/FocusDoubtful=Subject perhaps soft (sharp ^1, limit ^2)', m, l)
    end,
  },
  too_dark = {
    name = LOC '$$$/Autocull/Reason/TooDark=Too dark',
    cause = LOC '$$$/Autocull/Cause/TooDark=too little light',
    text = function(m, l) return LOC('$$$/Autocull/Why/TooDark=Too dark (sure to ^1, limit ^2)', m, l) end,
  },
  dark_doubtful = {
    name = LOC '$$$/Autocull/Reason/DarkDoubtful=Perhaps too dark',
    text = function(m, l) return LOC('$$$/Autocull/Why/DarkDoubtful=Perhaps too dark (sure to ^1, limit ^2)', m, l) end,
  },
  too_bright = {
    name = LOC '$$$/Autocull/Reason/TooBright=Too bright',
    cause = LOC '$$$/Autocull/Cause/TooBright=too much light',
    text = function(m, l) return LOC('$$$/Autocull/Why/TooBright=Too bright (sure to ^1, limit ^2)', m, l) end,
  },
  bright_doubtful = {
    name = LOC '$$$/Autocull/Reason/BrightDoubtful=Perhaps too bright',
    text = function(m, l)
      return LOC('$$$/Autocull/Why/BrightDoubtful=Perhaps too bright (sure to ^1, limit ^2)', m, l)
    end,
  },
  lens_flare = {
    name = LOC '$$$/Autocull/Reason/LensFlare=Lens flare',
    cause = LOC '$$$/Autocull/Cause/LensFlare=lens flare',
    text = function(m, l)
      return LOC('$$$/Autocull/Why/LensFlare=Lens flare covers the picture (sure to ^1, limit ^2)', m, l)
    end,
  },
  flare_doubtful = {
    name = LOC '$$$/Autocull/Reason/FlareDoubtful=Perhaps lens flare',
    text = function(m, l)
      return LOC('$$$/Autocull/Why/FlareDoubtful=Perhaps lens flare (sure to ^1, limit ^2)', m, l)
    end,
  },
  low_quality = {
    name = LOC '$$$/Autocull/Reason/LowQuality=Compression loss',
    cause = LOC '$$$/Autocull/Cause/LowQuality=compression loss',
    text = function(m, l)
      return LOC('$$$/Autocull/Why/LowQuality=The file lost too much to compression (sure to ^1, limit ^2)', m, l)
    end,
  },
  quality_doubtful = {
    name = LOC '$$$/Autocull/Reason/QualityDoubtful=Perhaps compression loss',
    text = function(m, l)
      return LOC(
        '$$$/Autocull/Why/QualityDoubtful=The file perhaps lost much to compression (sure to ^1, limit ^2)', m, l
      )
    end,
  },
  noise = {
    name = LOC '$$$/Autocull/Reason/Noise=Noise',
    cause = LOC '$$$/Autocull/Cause/Noise=noise',
    text = function(m, l) return LOC('$$$/Autocull/Why/Noise=Too noisy (sure to ^1, limit ^2)', m, l) end,
  },
  noise_doubtful = {
    name = LOC '$$$/Autocull/Reason/NoiseDoubtful=Perhaps too noisy',
    text = function(m, l)
      return LOC('$$$/Autocull/Why/NoiseDoubtful=Perhaps too noisy (sure to ^1, limit ^2)', m, l)
    end,
  },
  damaged = {
    name = LOC '$$$/Autocull/Reason/Damaged=Damaged',
    cause = LOC '$$$/Autocull/Cause/Damaged=damaged files',
    text = function() return LOC '$$$/Autocull/Why/Damaged=The file is damaged: its data contradict themselves' end,
  },
  damage_doubtful = {
    name = LOC '$$$/Autocull/Reason/DamageDoubtful=Perhaps damaged',
    text = function()
      return LOC '$$$/Autocull/Why/DamageDoubtful=The file is perhaps damaged: its data contradict themselves'
    end,
  },
  low_resolution = {
    name = LOC '$$$/Autocull/Reason/LowResolution=Low resolution',
    unit = pixels,
    text = function(m, l)
      return LOC('$$$/Autocull/Why/LowResolution=The picture is small (long side ^1, limit ^2)', m, l)
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

--- The codes of all reasons that have words here, in the order of the alphabet.
function Words.codes()
  local codes = {}
  for code in pairs(REASONS) do codes[#codes + 1] = code end
  table.sort(codes)
  return codes
end

--- A reason as one sentence without a full stop: what, measured, limit.
function Words.reason(reason)
  local word = REASONS[reason.code]
  if not word then return reason.text or reason.code end
  local unit = word.unit or percent
  return word.text(unit(reason.measured), unit(reason.limit))
end

--- All reasons of a result, in one text; empty where there are none.
function Words.reasons(reasons)
  local sentences = {}
  for index, reason in ipairs(reasons) do sentences[index] = Words.reason(reason) end
  return table.concat(sentences, '; ')
end

--- What heads a count or a collection of photos with this reason.
function Words.reasonName(code)
  return REASONS[code] and REASONS[code].name or code
end

--- "27 of 30 rejects come from closed eyes".
function Words.share(code, count, rejects)
  local word = REASONS[code]
  local cause = word and (word.cause or word.name) or code
  return LOC('$$$/Autocull/Count/Share=^1 of ^2 rejects come from ^3', tostring(count), tostring(rejects), cause)
end

--- The word for a verdict's code.
function Words.verdict(code)
  return VERDICTS[code] or code
end

--- The word for a category's code.
function Words.category(code)
  return CATEGORIES[code] or code
end

--- The word for the answer about the eyes.
function Words.eyes(code)
  return EYES[code] or code
end

--- "3 keep, 2 reject, 1 cannot tell" of a tally.
function Words.counts(tally)
  return LOC(
    '$$$/Autocull/Count/Verdicts=^1 keep, ^2 reject, ^3 cannot tell',
    tostring(tally.keep), tostring(tally.reject), tostring(tally.cannotTell)
  )
end

--- "about 2 minutes left" of seconds, or nil where they are not known.
function Words.timeLeft(seconds)
  if not seconds then return nil end
  if seconds < 60 then return LOC '$$$/Autocull/Left/Soon=less than a minute left' end
  if seconds < 90 then return LOC '$$$/Autocull/Left/Minute=about a minute left' end
  return LOC('$$$/Autocull/Left/Minutes=about ^1 minutes left', string.format('%.0f', seconds / 60))
end

return Words
