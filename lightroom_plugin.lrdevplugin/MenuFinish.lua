local LrFunctionContext, FinishShoot = import 'LrFunctionContext', require 'FinishShoot'
LrFunctionContext.postAsyncTaskWithContext('Autocull: finish', FinishShoot.show)
