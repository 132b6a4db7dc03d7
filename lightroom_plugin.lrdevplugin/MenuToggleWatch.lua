local LrFunctionContext, ImportSwitch = import 'LrFunctionContext', require 'ImportSwitch'
LrFunctionContext.postAsyncTaskWithContext('Autocull: flag new imports', ImportSwitch.toggle)
