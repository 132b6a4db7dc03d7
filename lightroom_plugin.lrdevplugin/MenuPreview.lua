local LrFunctionContext, Preview = import 'LrFunctionContext', require 'Preview'
LrFunctionContext.postAsyncTaskWithContext('Autocull: preview', Preview.show)
