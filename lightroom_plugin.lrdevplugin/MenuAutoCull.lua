local LrFunctionContext, AutoCull = import 'LrFunctionContext', require 'AutoCull'
LrFunctionContext.postAsyncTaskWithContext('Autocull: selection', AutoCull.show)
