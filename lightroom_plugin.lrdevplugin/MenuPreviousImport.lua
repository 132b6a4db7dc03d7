local LrFunctionContext, PreviousImport = import 'LrFunctionContext', require 'PreviousImport'
LrFunctionContext.postAsyncTaskWithContext('Autocull: previous import', PreviousImport.show)
