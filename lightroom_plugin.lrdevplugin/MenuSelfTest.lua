local LrFunctionContext, SelfTest = import 'LrFunctionContext', require 'SelfTest'
LrFunctionContext.postAsyncTaskWithContext('Autocull: self-test', SelfTest.show)
