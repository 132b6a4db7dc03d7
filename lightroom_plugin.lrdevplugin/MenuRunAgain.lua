local LrFunctionContext, RunDialog = import 'LrFunctionContext', require 'RunDialog'
LrFunctionContext.postAsyncTaskWithContext('Autocull: run again', RunDialog.repeatLast)
