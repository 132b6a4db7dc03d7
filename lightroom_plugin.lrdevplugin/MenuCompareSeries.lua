local LrFunctionContext, SeriesView = import 'LrFunctionContext', require 'SeriesView'
LrFunctionContext.postAsyncTaskWithContext('Autocull: compare', SeriesView.compare)
