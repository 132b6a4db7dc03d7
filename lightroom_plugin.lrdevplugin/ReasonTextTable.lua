-- Written by docs/tools/generate.py from the daemon's table of reasons: change the English texts there.
-- By code: `name` is the title of a count or a collection, `cause` the cause of rejects, `text` the
-- sentence, and `unit` the unit of both its numbers.
return {
  eyes_closed = {
    name = LOC '$$$/Autocull/Reason/EyesClosed=Eyes closed',
    cause = LOC '$$$/Autocull/Cause/EyesClosed=closed eyes',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/EyesClosed=Eyes closed on the marked face (open ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  eyes_doubtful = {
    name = LOC '$$$/Autocull/Reason/EyesDoubtful=Eyes doubtful',
    text = function(measured, limit)
      return LOC(
        '$$$/Autocull/Why/EyesDoubtful=Eyes perhaps closed on the marked face (open ^1, limit ^2)',
        measured, limit
      )
    end,
    unit = 'percent',
  },
  eyes_on_purpose = {
    name = LOC '$$$/Autocull/Reason/EyesOnPurpose=Eyes closed, perhaps on purpose',
    text = function(measured, limit)
      return LOC(
        '$$$/Autocull/Why/EyesOnPurpose=Eyes closed on the marked face, perhaps on purpose (open ^1, limit ^2)',
        measured, limit
      )
    end,
    unit = 'percent',
  },
  out_of_focus = {
    name = LOC '$$$/Autocull/Reason/OutOfFocus=Out of focus',
    cause = LOC '$$$/Autocull/Cause/OutOfFocus=missed focus',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/OutOfFocus=Subject out of focus (sharp ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  motion_blur = {
    name = LOC '$$$/Autocull/Reason/MotionBlur=Motion blur',
    cause = LOC '$$$/Autocull/Cause/MotionBlur=motion blur',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/MotionBlur=Subject blurred by motion (sharp ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  focus_doubtful = {
    name = LOC '$$$/Autocull/Reason/FocusDoubtful=Focus doubtful',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/FocusDoubtful=Subject perhaps soft (sharp ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  sharp_subject = {
    name = LOC '$$$/Autocull/Reason/SharpSubject=Blur beside a sharp subject',
    text = function(measured, limit)
      return LOC(
        '$$$/Autocull/Why/SharpSubject=The whole frame is blurred (sure to ^1, limit ^2), but the subject is sharp',
        measured, limit
      )
    end,
    unit = 'percent',
  },
  too_dark = {
    name = LOC '$$$/Autocull/Reason/TooDark=Too dark',
    cause = LOC '$$$/Autocull/Cause/TooDark=too little light',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/TooDark=Too dark (sure to ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  dark_doubtful = {
    name = LOC '$$$/Autocull/Reason/DarkDoubtful=Perhaps too dark',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/DarkDoubtful=Perhaps too dark (sure to ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  too_bright = {
    name = LOC '$$$/Autocull/Reason/TooBright=Too bright',
    cause = LOC '$$$/Autocull/Cause/TooBright=too much light',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/TooBright=Too bright (sure to ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  bright_doubtful = {
    name = LOC '$$$/Autocull/Reason/BrightDoubtful=Perhaps too bright',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/BrightDoubtful=Perhaps too bright (sure to ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  recoverable = {
    name = LOC '$$$/Autocull/Reason/Recoverable=Highlights recoverable',
    text = function(measured, limit)
      return LOC(
        '$$$/Autocull/Why/Recoverable=Too bright as shown (sure to ^1, limit ^2), but the RAW file has the highlights',
        measured, limit
      )
    end,
    unit = 'percent',
  },
  lens_flare = {
    name = LOC '$$$/Autocull/Reason/LensFlare=Lens flare',
    cause = LOC '$$$/Autocull/Cause/LensFlare=lens flare',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/LensFlare=Lens flare covers the picture (sure to ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  flare_doubtful = {
    name = LOC '$$$/Autocull/Reason/FlareDoubtful=Perhaps lens flare',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/FlareDoubtful=Perhaps lens flare (sure to ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  low_quality = {
    name = LOC '$$$/Autocull/Reason/LowQuality=Compression loss',
    cause = LOC '$$$/Autocull/Cause/LowQuality=compression loss',
    text = function(measured, limit)
      return LOC(
        '$$$/Autocull/Why/LowQuality=The file lost too much to compression (sure to ^1, limit ^2)',
        measured, limit
      )
    end,
    unit = 'percent',
  },
  quality_doubtful = {
    name = LOC '$$$/Autocull/Reason/QualityDoubtful=Perhaps compression loss',
    text = function(measured, limit)
      return LOC(
        '$$$/Autocull/Why/QualityDoubtful=The file perhaps lost much to compression (sure to ^1, limit ^2)',
        measured, limit
      )
    end,
    unit = 'percent',
  },
  noise = {
    name = LOC '$$$/Autocull/Reason/Noise=Noise',
    cause = LOC '$$$/Autocull/Cause/Noise=noise',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/Noise=Too noisy (sure to ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  noise_doubtful = {
    name = LOC '$$$/Autocull/Reason/NoiseDoubtful=Perhaps too noisy',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/NoiseDoubtful=Perhaps too noisy (sure to ^1, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  damaged = {
    name = LOC '$$$/Autocull/Reason/Damaged=Damaged',
    cause = LOC '$$$/Autocull/Cause/Damaged=damaged files',
    text = function()
      return LOC '$$$/Autocull/Why/Damaged=The file is damaged: its data contradict themselves'
    end,
  },
  damage_doubtful = {
    name = LOC '$$$/Autocull/Reason/DamageDoubtful=Perhaps damaged',
    text = function()
      return LOC '$$$/Autocull/Why/DamageDoubtful=The file is perhaps damaged: its data contradict themselves'
    end,
  },
  low_resolution = {
    name = LOC '$$$/Autocull/Reason/LowResolution=Low resolution',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/LowResolution=The picture is small (long side ^1, limit ^2)', measured, limit)
    end,
    unit = 'pixels',
  },
  document = {
    name = LOC '$$$/Autocull/Reason/Document=Document',
    text = function(measured, limit)
      return LOC('$$$/Autocull/Why/Document=Looks like a document (text on ^1 of it, limit ^2)', measured, limit)
    end,
    unit = 'percent',
  },
  screenshot = {
    name = LOC '$$$/Autocull/Reason/Screenshot=Screenshot',
    text = function(measured, limit)
      return LOC(
        '$$$/Autocull/Why/Screenshot=Looks like a screenshot (drawn pixels on ^1 of it, limit ^2)',
        measured, limit
      )
    end,
    unit = 'percent',
  },
  blink_in_series = {
    name = LOC '$$$/Autocull/Reason/BlinkInSeries=Blink in its series',
    cause = LOC '$$$/Autocull/Cause/BlinkInSeries=closed eyes',
    text = function(measured, limit, frame, ahead)
      return LOC(
        '$$$/Autocull/Why/BlinkInSeries=Eyes closed, and ^3 of this series is as good otherwise^4 (open ^1, there ^2)',
        measured, limit, frame, ahead
      )
    end,
    unit = 'percent',
  },
  better_in_series = {
    name = LOC '$$$/Autocull/Reason/BetterInSeries=Better in its series',
    cause = LOC '$$$/Autocull/Cause/BetterInSeries=better frames of a series',
    text = function(measured, limit, frame, ahead)
      return LOC(
        '$$$/Autocull/Why/BetterInSeries=^3 of this series is better^4 (merit ^1, kept from ^2 on)',
        measured, limit, frame, ahead
      )
    end,
    unit = 'percent',
  },
  better_doubtful = {
    name = LOC '$$$/Autocull/Reason/BetterDoubtful=Perhaps better in its series',
    text = function(measured, limit, frame, ahead)
      return LOC(
        '$$$/Autocull/Why/BetterDoubtful=^3 of this series is perhaps better^4 (merit ^1, there ^2)',
        measured, limit, frame, ahead
      )
    end,
    unit = 'percent',
  },
  copy = {
    name = LOC '$$$/Autocull/Reason/Copy=Copy',
    cause = LOC '$$$/Autocull/Cause/Copy=copies',
    text = function(measured, limit, frame)
      return LOC('$$$/Autocull/Why/Copy=^3 is the same picture (long side here ^1, there ^2)', measured, limit, frame)
    end,
    unit = 'pixels',
  },
  copy_doubtful = {
    name = LOC '$$$/Autocull/Reason/CopyDoubtful=Perhaps a copy',
    text = function(measured, limit, frame)
      return LOC(
        '$$$/Autocull/Why/CopyDoubtful=^3, doubtful itself, is the same picture (long side here ^1, there ^2)',
        measured, limit, frame
      )
    end,
    unit = 'pixels',
  },
  kept_whole = {
    name = LOC '$$$/Autocull/Reason/KeptWhole=Kept whole',
    text = function()
      return LOC '$$$/Autocull/Why/KeptWhole=Part of a set (bracket, focus stack or panorama) that is kept whole'
    end,
  },
  select_unlikely = {
    name = LOC '$$$/Autocull/Reason/SelectUnlikely=Select unlikely',
    cause = LOC '$$$/Autocull/Cause/SelectUnlikely=your own taste',
    text = function(measured, limit)
      return LOC(
        '$$$/Autocull/Why/SelectUnlikely=You would hardly select it (probability ^1, rejected up to ^2)',
        measured, limit
      )
    end,
    unit = 'percent',
  },
  select_spares = {
    name = LOC '$$$/Autocull/Reason/SelectSpares=Select possible',
    text = function(measured, limit)
      return LOC(
        '$$$/Autocull/Why/SelectSpares=You might select it all the same (probability ^1, rejected up to ^2 only)',
        measured, limit
      )
    end,
    unit = 'percent',
  },
  select_likely = {
    name = LOC '$$$/Autocull/Reason/SelectLikely=Select likely',
    text = function(measured, limit)
      return LOC(
        '$$$/Autocull/Why/SelectLikely=You would probably select it (probability ^1, limit ^2)',
        measured, limit
      )
    end,
    unit = 'percent',
  },
}
