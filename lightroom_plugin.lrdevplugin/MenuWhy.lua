local LrFunctionContext, WhyWindow = import 'LrFunctionContext', require 'WhyWindow'
LrFunctionContext.postAsyncTaskWithContext('Autocull: why', WhyWindow.show)
