local LrFunctionContext, SettingsDialog = import 'LrFunctionContext', require 'SettingsDialog'
LrFunctionContext.postAsyncTaskWithContext('Autocull: settings', SettingsDialog.show)
