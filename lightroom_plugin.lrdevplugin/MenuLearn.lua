local LrFunctionContext, Learn = import 'LrFunctionContext', require 'Learn'
LrFunctionContext.postAsyncTaskWithContext('Autocull: learn', Learn.show)
