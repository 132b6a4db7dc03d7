--[[ The custom fields that an auto-cull fills. They are stored in the catalog only, never in XMP or in a file.

A published field can never be removed (its values stay in every catalog), so there are few. Enumerations store codes
and show texts, so that a catalog stays readable after a change of language; unknown codes of a later daemon are
accepted. All values are texts.
]]

local TITLE = {
  verdict = LOC '$$$/Autocull/Field/Verdict=Verdict',
  score = LOC '$$$/Autocull/Field/Score=Score',
  reasons = LOC '$$$/Autocull/Field/Reasons=Reasons',
  mainReason = LOC '$$$/Autocull/Field/MainReason=Main reason',
  focus = LOC '$$$/Autocull/Field/Focus=Focus',
  eyes = LOC '$$$/Autocull/Field/Eyes=Eyes',
  category = LOC '$$$/Autocull/Field/Category=Category',
  model = LOC '$$$/Autocull/Field/Model=Model version',
  seriesId = LOC '$$$/Autocull/Field/SeriesId=Series',
  seriesKind = LOC '$$$/Autocull/Field/SeriesKind=Kind of series',
  seriesRank = LOC '$$$/Autocull/Field/SeriesRank=Rank in series',
  select = LOC '$$$/Autocull/Field/Select=Select',
}

local VERDICTS = {
  { value = 'keep', title = LOC '$$$/Autocull/Verdict/Keep=Keep' },
  { value = 'reject', title = LOC '$$$/Autocull/Verdict/Reject=Reject' },
  { value = 'cannot_tell', title = LOC '$$$/Autocull/Verdict/CannotTell=Cannot tell' },
  allowPluginToSetOtherValues = true,
}

local EYES = {
  { value = 'open', title = LOC '$$$/Autocull/Eyes/Open=Open' },
  { value = 'closed', title = LOC '$$$/Autocull/Eyes/Closed=Closed' },
  { value = 'cannot_tell', title = LOC '$$$/Autocull/Eyes/CannotTell=Cannot tell' },
  { value = 'no_faces', title = LOC '$$$/Autocull/Eyes/NoFaces=No faces' },
  allowPluginToSetOtherValues = true,
}

local CATEGORIES = {
  { value = 'people', title = LOC '$$$/Autocull/Category/People=People' },
  { value = 'landscape', title = LOC '$$$/Autocull/Category/Landscape=Landscape' },
  { value = 'architecture_city', title = LOC '$$$/Autocull/Category/Architecture=Architecture and city' },
  { value = 'animals', title = LOC '$$$/Autocull/Category/Animals=Animals' },
  { value = 'food', title = LOC '$$$/Autocull/Category/Food=Food' },
  { value = 'macro_plants', title = LOC '$$$/Autocull/Category/Plants=Plants and macro' },
  { value = 'other', title = LOC '$$$/Autocull/Category/Other=Other' },
  allowPluginToSetOtherValues = true,
}

local KINDS = {
  { value = 'single', title = LOC '$$$/Autocull/Kind/Single=Alone' },
  { value = 'duplicate', title = LOC '$$$/Autocull/Kind/Duplicate=Copies' },
  { value = 'burst', title = LOC '$$$/Autocull/Kind/Burst=Burst' },
  { value = 'bracket', title = LOC '$$$/Autocull/Kind/Bracket=Bracket' },
  { value = 'focus_stack', title = LOC '$$$/Autocull/Kind/FocusStack=Focus stack' },
  { value = 'panorama', title = LOC '$$$/Autocull/Kind/Panorama=Panorama' },
  allowPluginToSetOtherValues = true,
}

-- Written by docs/tools/generate.py from the daemon's table of reasons.
local REASONS = {
  { value = 'eyes_closed', title = LOC '$$$/Autocull/Reason/EyesClosed=Eyes closed' },
  { value = 'eyes_doubtful', title = LOC '$$$/Autocull/Reason/EyesDoubtful=Eyes doubtful' },
  { value = 'eyes_on_purpose', title = LOC '$$$/Autocull/Reason/EyesOnPurpose=Eyes closed, perhaps on purpose' },
  { value = 'out_of_focus', title = LOC '$$$/Autocull/Reason/OutOfFocus=Out of focus' },
  { value = 'motion_blur', title = LOC '$$$/Autocull/Reason/MotionBlur=Motion blur' },
  { value = 'focus_doubtful', title = LOC '$$$/Autocull/Reason/FocusDoubtful=Focus doubtful' },
  { value = 'sharp_subject', title = LOC '$$$/Autocull/Reason/SharpSubject=Blur beside a sharp subject' },
  { value = 'too_dark', title = LOC '$$$/Autocull/Reason/TooDark=Too dark' },
  { value = 'dark_doubtful', title = LOC '$$$/Autocull/Reason/DarkDoubtful=Perhaps too dark' },
  { value = 'too_bright', title = LOC '$$$/Autocull/Reason/TooBright=Too bright' },
  { value = 'bright_doubtful', title = LOC '$$$/Autocull/Reason/BrightDoubtful=Perhaps too bright' },
  { value = 'recoverable', title = LOC '$$$/Autocull/Reason/Recoverable=Highlights recoverable' },
  { value = 'lens_flare', title = LOC '$$$/Autocull/Reason/LensFlare=Lens flare' },
  { value = 'flare_doubtful', title = LOC '$$$/Autocull/Reason/FlareDoubtful=Perhaps lens flare' },
  { value = 'low_quality', title = LOC '$$$/Autocull/Reason/LowQuality=Compression loss' },
  { value = 'quality_doubtful', title = LOC '$$$/Autocull/Reason/QualityDoubtful=Perhaps compression loss' },
  { value = 'noise', title = LOC '$$$/Autocull/Reason/Noise=Noise' },
  { value = 'noise_doubtful', title = LOC '$$$/Autocull/Reason/NoiseDoubtful=Perhaps too noisy' },
  { value = 'damaged', title = LOC '$$$/Autocull/Reason/Damaged=Damaged' },
  { value = 'damage_doubtful', title = LOC '$$$/Autocull/Reason/DamageDoubtful=Perhaps damaged' },
  { value = 'low_resolution', title = LOC '$$$/Autocull/Reason/LowResolution=Low resolution' },
  { value = 'document', title = LOC '$$$/Autocull/Reason/Document=Document' },
  { value = 'screenshot', title = LOC '$$$/Autocull/Reason/Screenshot=Screenshot' },
  { value = 'blink_in_series', title = LOC '$$$/Autocull/Reason/BlinkInSeries=Blink in its series' },
  { value = 'better_in_series', title = LOC '$$$/Autocull/Reason/BetterInSeries=Better in its series' },
  { value = 'better_doubtful', title = LOC '$$$/Autocull/Reason/BetterDoubtful=Perhaps better in its series' },
  { value = 'copy', title = LOC '$$$/Autocull/Reason/Copy=Copy' },
  { value = 'copy_doubtful', title = LOC '$$$/Autocull/Reason/CopyDoubtful=Perhaps a copy' },
  { value = 'kept_whole', title = LOC '$$$/Autocull/Reason/KeptWhole=Kept whole' },
  { value = 'select_unlikely', title = LOC '$$$/Autocull/Reason/SelectUnlikely=Select unlikely' },
  { value = 'select_spares', title = LOC '$$$/Autocull/Reason/SelectSpares=Select possible' },
  { value = 'select_likely', title = LOC '$$$/Autocull/Reason/SelectLikely=Select likely' },
  allowPluginToSetOtherValues = true,
}

local function text(id, searchable, browsable, version)
  return {
    id = id,
    title = TITLE[id],
    version = version or 1,
    dataType = 'string',
    readOnly = true,
    searchable = searchable,
    browsable = browsable or false,
  }
end

local function choice(id, values, version)
  return {
    id = id,
    title = TITLE[id],
    version = version or 1,
    dataType = 'enum',
    values = values,
    readOnly = true,
    searchable = true,
    browsable = true,
  }
end

-- Without a title a field is private: it appears in no panel and no search.
local function hidden(id)
  return { id = id, version = 1, dataType = 'string' }
end

return {
  -- 2: seriesKind became an enumeration, before any value was written to it; select is new.
  -- 3: mainReason is new, and empty until a photo is judged again; seriesRank can be browsed. Values are kept.
  schemaVersion = 3,
  metadataFieldsForPhotos = {
    choice('verdict', VERDICTS),
    text('score', true), -- "0.87", always two decimals, so that texts sort and compare as numbers
    text('reasons', false), -- searchable texts are limited to 511 bytes; reasons may be longer
    text('focus', true), -- "0.90 sharp": how sharp the subject is (0-1), and the kind
    choice('eyes', EYES),
    choice('category', CATEGORIES),
    text('model', true),
    text('seriesId', true),
    choice('seriesKind', KINDS, 2),
    text('seriesRank', true, true, 2), -- "2/5"; a search for texts that start with "1/" finds the best of each series
    text('select', true), -- "0.93": how likely the photographer would select it; two decimals, as in score
    choice('mainReason', REASONS), -- the code of the most severe reason
    hidden('cullState'), -- "done:<model>"
    hidden('written'), -- the marks that the last auto-cull wrote, as JSON
  },
}
