local LrFunctionContext, ImportWatchToggle = import 'LrFunctionContext', require 'ImportWatchToggle'
LrFunctionContext.postAsyncTaskWithContext('Autocull: flag new imports', ImportWatchToggle.toggle)
