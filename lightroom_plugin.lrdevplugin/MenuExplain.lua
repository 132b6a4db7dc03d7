local LrFunctionContext, Explain = import 'LrFunctionContext', require 'Explain'
LrFunctionContext.postAsyncTaskWithContext('Autocull: explain', Explain.show)
