local LrFunctionContext, SeriesView = import 'LrFunctionContext', require 'SeriesView'
LrFunctionContext.postAsyncTaskWithContext('Autocull: previous series', function() SeriesView.step(-1) end)
