local LrFunctionContext, CullCommands = import 'LrFunctionContext', require 'CullCommands'
LrFunctionContext.postAsyncTaskWithContext('Autocull: selection', CullCommands.show)
