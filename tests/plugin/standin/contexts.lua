--[[ LrFunctionContext, LrErrors and LrProgressScope: what ends with a function, however it ends. ]]

local host = ...

host.CANCELED = 'the operation was canceled by the user'
host.scopes = {}

local contexts = {}

local newContext = host.class('LrFunctionContext', {
  addCleanupHandler = function(self, func)
    local record = host.liveContext(self)
    table.insert(record.cleanup, 1, host.expect('a cleanup handler', func, 'function'))
  end,
  addFailureHandler = function(self, func)
    local record = host.liveContext(self)
    table.insert(record.failure, 1, host.expect('a failure handler', func, 'function'))
  end,
  addOperationTitleForError = function(self, title) host.liveContext(self).title = title end,
})

--- The record of a context that has not ended; a violation for one that has.
function host.liveContext(context)
  local record = host.record(context, 'LrFunctionContext')
  if record.ended then host.violation('the context "' .. record.name .. '" has ended already') end
  return record
end

local function showError(record, err)
  if not record.errorDialog or err == host.CANCELED then return end
  host.note('dialog', { kind = 'error', title = record.title or record.name, message = tostring(err) })
end

local function finish(record, results)
  if not results[1] then
    showError(record, results[2])
    for _, handler in ipairs(record.failure) do handler(host.unpack(results)) end
  end
  for _, handler in ipairs(record.cleanup) do handler(host.unpack(results)) end
  record.ended = true
  for _, scope in ipairs(record.scopes) do scope.isDone = true end
  contexts[record] = nil
end

--- The results of a protected call of func(context, ...), after all handlers of the context have run.
function host.within(name, func, ...)
  host.expect('the name of a context', name, 'string')
  host.expect('the function of a context', func, 'function')
  local record = { name = name, cleanup = {}, failure = {}, scopes = {} }
  contexts[record] = host.current or true
  local results = host.pack(host.call(func, newContext(record), ...))
  finish(record, results)
  return results
end

local function raise(results)
  if not results[1] then error(results[2], 0) end
  return host.unpack(results, 2)
end

local function barred(func)
  return function(name, main, ...)
    return host.barredCall(func, name, main, ...)
  end
end

local function call(name, func, ...) return raise(host.within(name, func, ...)) end
local function protected(name, func, ...) return host.unpack(host.within(name, func, ...)) end

host.modules.LrFunctionContext = host.namespace('LrFunctionContext', {
  callWithContext = call,
  callWithContext_noyield = barred(call),
  pcallWithContext = protected,
  pcallWithContext_noyield = barred(protected),
  postAsyncTaskWithContext = function(name, func)
    host.expect('the name of a task', name, 'string')
    host.expect('the function of a task', func, 'function')
    host.post(function() call(name, func) end, name, false)
  end,
})

host.modules.LrErrors = host.namespace('LrErrors', {
  throwCanceled = function() error(host.CANCELED, 0) end,
  throwUserError = function(text) error(host.expect('the text', text, 'string'), 0) end,
  isCanceledError = function(text) return text == host.CANCELED end,
})

local function isFraction(done, total)
  return type(done) == 'number' and type(total) == 'number' and total > 0 and done >= 0 and done <= total
end

local function polled(self)
  local record = host.record(self, 'LrProgressScope')
  -- The photographer can cancel only a bar that is shown with a cross.
  if record.cancelable and not record.isDone and not record.canceled then
    record.canceled = host.python('cancels', record)
  end
  return record
end

local function setter(name, wanted)
  return function(self, value)
    local record = host.record(self, 'LrProgressScope')
    record[name] = host.expect(name, value, wanted)
  end
end

local newScope = host.class('LrProgressScope', {
  attachToFunctionContext = function(self, context)
    local record = host.record(self, 'LrProgressScope')
    table.insert(host.liveContext(context).scopes, record)
    record.attached = true
  end,
  cancel = function(self) host.record(self, 'LrProgressScope').canceled = true end,
  done = function(self) host.record(self, 'LrProgressScope').isDone = true end,
  getParentScope = function(self) return host.record(self, 'LrProgressScope').parent end,
  getPortionComplete = function(self)
    local record = host.record(self, 'LrProgressScope')
    return record.portion / record.total
  end,
  isCancelable = function(self) return host.record(self, 'LrProgressScope').cancelable end,
  isCanceled = function(self) return polled(self).canceled end,
  isDone = function(self) return host.record(self, 'LrProgressScope').isDone end,
  isIndeterminate = function(self) return host.record(self, 'LrProgressScope').indeterminate end,
  setCancelable = setter('cancelable', 'boolean'),
  setCaption = setter('caption', 'string'),
  setIndeterminate = function()
    host.violation 'setIndeterminate does not display properly in the catalog window'
  end,
  setPortionComplete = function(self, done, total)
    local record = host.record(self, 'LrProgressScope')
    total = total or 1
    if not isFraction(done, total) then
      host.violation('progress of ' .. tostring(done) .. ' of ' .. tostring(total) .. ' is outside of 0 to the total')
    end
    record.portion, record.total, record.indeterminate = done, total, false
    polled(self)
  end,
  type = function() return 'LrProgressScope' end,
})

host.modules.LrProgressScope = host.namespace('LrProgressScope', {}, function(_, options)
  host.expect('the options of LrProgressScope', options, 'table')
  local record = {
    title = options.title or '', caption = options.caption or '', parent = options.parent,
    portion = 0, total = 1, canceled = false, cancelable = false, isDone = false, indeterminate = false,
    task = host.current,
  }
  local scope = newScope(record)
  if options.functionContext then scope:attachToFunctionContext(options.functionContext) end
  host.scopes[#host.scopes + 1] = record
  return scope
end)

--- Ends the scopes of a task that is over: a scope that was not ended is a leak.
function host.release(task)
  for _, record in ipairs(host.scopes) do
    if record.task == task and not record.isDone and not record.attached then record.leaked = true end
  end
end

--- Ends all contexts without their handlers, as at the end of the application.
function host.dropContexts()
  for record in pairs(contexts) do
    record.ended = true
    for _, scope in ipairs(record.scopes) do scope.isDone = true end
  end
  contexts = {}
end
