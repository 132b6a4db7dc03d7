-- No item is disabled without a selection: a click then shows a message that says what is missing.
local ITEMS = {
  { title = LOC '$$$/Autocull/Menu/Run=Auto-cull…', file = 'MenuRun.lua' },
  { title = LOC '$$$/Autocull/Menu/RunAgain=Auto-cull again as last time', file = 'MenuRunAgain.lua' },
  { title = LOC '$$$/Autocull/Menu/AutoCull=Auto-cull selection', file = 'MenuAutoCull.lua' },
  { title = LOC '$$$/Autocull/Menu/PreviousImport=Auto-cull previous import', file = 'MenuPreviousImport.lua' },
  { title = LOC '$$$/Autocull/Menu/Preview=Preview verdicts…', file = 'MenuPreview.lua' },
  { title = LOC '$$$/Autocull/Menu/Undo=Undo last auto-cull', file = 'MenuUndo.lua' },
  { title = LOC '$$$/Autocull/Menu/Report=Show last report', file = 'MenuReport.lua' },
  { title = LOC '$$$/Autocull/Menu/Explain=Explain this photo', file = 'MenuExplain.lua' },
  { title = LOC '$$$/Autocull/Menu/Review=Show photos to review', file = 'MenuReview.lua' },
  { title = LOC '$$$/Autocull/Menu/Why=Why window', file = 'MenuWhy.lua' },
  { title = LOC '$$$/Autocull/Menu/CompareSeries=Compare this series', file = 'MenuCompareSeries.lua' },
  { title = LOC '$$$/Autocull/Menu/NextSeries=Next series', file = 'MenuNextSeries.lua' },
  { title = LOC '$$$/Autocull/Menu/PreviousSeries=Previous series', file = 'MenuPreviousSeries.lua' },
  { title = LOC '$$$/Autocull/Menu/Finish=This shoot is finished', file = 'MenuFinish.lua' },
  { title = LOC '$$$/Autocull/Menu/Learn=Learn from my picks…', file = 'MenuLearn.lua' },
  { title = LOC '$$$/Autocull/Menu/Watch=Flag new imports automatically', file = 'MenuToggleWatch.lua' },
  { title = LOC '$$$/Autocull/Menu/Settings=Settings…', file = 'MenuSettings.lua' },
  { title = LOC '$$$/Autocull/Menu/SelfTest=Developer: self-test', file = 'MenuSelfTest.lua' },
}

return {
  LrSdkVersion = 14.0,
  LrSdkMinimumVersion = 10.0,
  LrToolkitIdentifier = 'app.autocull.lightroom',
  LrPluginName = LOC '$$$/Autocull/Plugin/Name=Autocull',

  LrInitPlugin = 'PluginInit.lua',
  LrForceInitPlugin = true,
  LrShutdownPlugin = 'PluginShutdown.lua',
  LrShutdownApp = 'ShutdownApp.lua',
  LrPluginInfoProvider = 'PluginInfoProvider.lua',
  LrMetadataProvider = 'MetadataDefinition.lua',
  LrMetadataTagsetFactory = 'MetadataTagset.lua',

  LrLibraryMenuItems = ITEMS, -- Library > Plug-in Extras, in the Library module
  LrExportMenuItems = ITEMS, -- File > Plug-in Extras, in every module

  VERSION = { major = 0, minor = 1, revision = 0, build = 0, display = '0.1.0' },
}
