local LrFunctionContext, SeriesView = import 'LrFunctionContext', require 'SeriesView'
LrFunctionContext.postAsyncTaskWithContext('Autocull: next series', function() SeriesView.step(1) end)
