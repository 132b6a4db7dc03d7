local LrFunctionContext, Undo = import 'LrFunctionContext', require 'Undo'
LrFunctionContext.postAsyncTaskWithContext('Autocull: undo', Undo.show)
