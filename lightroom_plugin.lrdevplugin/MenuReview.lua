local LrFunctionContext, SmartCollections = import 'LrFunctionContext', require 'SmartCollections'
LrFunctionContext.postAsyncTaskWithContext('Autocull: review', SmartCollections.show)
