--[[ The write gates of the catalog: one at a time, all or nothing, never nested.

What is written inside a gate lies in its list and is carried out when the gate ends well; an error throws the list
away. So nothing written can be read before the end, and a failed gate leaves no trace.
]]

local host = ...

local BLOCKED = 'was blocked by another write access call, and no timeout parameters were provided'
local WAIT = 0.1

local open -- the gate that is open: kind, task, writes
local heldUntil = 0

host.gates = {} -- ended gates: kind, name, status, and the number of writes
host.undo = {} -- native undo steps by name, the newest last
host.userInput = true -- whether the user did something since the last gate

--- Lets another part of Lightroom hold the catalog for some seconds from now.
function host.hold(seconds)
  heldUntil = host.now + seconds
end

--- Whether a gate is open.
function host.isOpen()
  return open ~= nil
end

--- Whether `task` is the one inside the open gate.
function host.heldBy(task)
  return open ~= nil and task ~= nil and open.task == task
end

local function isFree()
  return open == nil and host.now >= heldUntil
end

--- Adds a write to the open gate; a violation outside of a gate that allows it. `what` is the function's name.
function host.write(what, private, carryOut)
  if not host.heldBy(host.current) then
    host.violation(what .. ' must be called inside a withWriteAccessDo gate')
  end
  if open.kind == 'private' and not private then
    host.violation(what .. ' is not allowed with private write access')
  end
  open.writes[#open.writes + 1] = carryOut
end

--- The gate of the task that runs, or nil.
function host.gate()
  return host.heldBy(host.current) and open or nil
end

--- Refuses a query to the catalog inside a gate, which hangs for ever on Windows.
function host.refuseInGate(what)
  if host.heldBy(host.current) then
    host.violation(what .. ' inside a gate deadlocks on Windows: read before the gate')
  end
end

local function noteUndo(name)
  -- On macOS gates without user input between them are one step, under the last name.
  if host.platform == 'mac' and not host.userInput and #host.undo > 0 then
    host.undo[#host.undo] = name
  else
    host.undo[#host.undo + 1] = name
  end
  host.userInput = false
end

local function close(gate, ok)
  open = nil
  for _, object in ipairs(gate.made) do object.pending = (not ok) and 'gone' or nil end
  if ok then
    for _, carryOut in ipairs(gate.writes) do carryOut() end
    if gate.name then noteUndo(gate.name) end
  end
  local status = ok and 'executed' or 'rolled back'
  host.gates[#host.gates + 1] = { kind = gate.kind, name = gate.name, status = status, writes = #gate.writes }
end

local function enter(gate, func, ...)
  host.python('beforeGate', gate.name or 'private')
  if not isFree() then return nil end
  open = gate
  gate.task = host.current
  local results = host.within(gate.name or 'private write', func, ...)
  close(gate, results[1])
  if not results[1] then error(results[2], 0) end
  return 'executed'
end

local function abort(gate, options)
  host.gates[#host.gates + 1] = { kind = gate.kind, name = gate.name, status = 'aborted', writes = 0 }
  if options.callback then options.callback() end
  return 'aborted'
end

local function waitAndEnter(gate, options, func, ...)
  local deadline = host.now + options.timeout
  while true do
    if isFree() then
      local status = enter(gate, func, ...)
      if status then return status end
    end
    if host.now >= deadline then return abort(gate, options) end
    host.pause(math.min(WAIT, deadline - host.now))
  end
end

local function checkOptions(options)
  host.expect('the timeout parameters of a gate', options, 'table or nil')
  if options then
    host.expect('timeout', options.timeout, 'number')
    host.expect('callback', options.callback, 'function or nil')
    host.expect('asynchronous', options.asynchronous, 'boolean or nil')
  end
end

local function run(kind, name, func, options, ...)
  host.expect('the function of a gate', func, 'function')
  checkOptions(options)
  if host.heldBy(host.current) then host.violation 'a gate inside a gate: with___AccessDo does not nest' end
  host.pause(0)
  local gate = { kind = kind, name = name, writes = {}, made = {} }
  if not options then
    local status = isFree() and enter(gate, func, ...)
    if not status then error(BLOCKED, 0) end
    return status
  end
  if not options.asynchronous then return waitAndEnter(gate, options, func, ...) end
  host.post(function() waitAndEnter(gate, options, func) end, name or 'private write', false)
  return 'queued'
end

--- Drops the open gate and its writes, as when the application ends.
function host.dropGate()
  if open then host.gates[#host.gates + 1] = { kind = open.kind, name = open.name, status = 'lost', writes = 0 } end
  open, heldUntil = nil, 0
end

host.catalogMethods.withWriteAccessDo = function(self, name, func, options)
  host.record(self, 'LrCatalog')
  host.expect('the name of the action', name, 'string')
  return run('write', name, func, options)
end

host.catalogMethods.withPrivateWriteAccessDo = function(self, func, options)
  host.record(self, 'LrCatalog')
  return run('private', nil, func, options)
end

host.catalogMethods.withProlongedWriteAccessDo = function(self, params, options)
  host.record(self, 'LrCatalog')
  host.expect('the parameters', params, 'table')
  host.expect('title', params.title, 'string')
  host.expect('pluginName', params.pluginName, 'string')
  local warning = {
    kind = 'prolonged', title = params.title, message = params.optionalMessage, ok = 'Proceed', cancel = 'Cancel',
  }
  if host.showDialog(warning) ~= 'ok' then return false end
  local scope = host.modules.LrProgressScope { title = params.title, caption = params.caption }
  local function main(context)
    scope:attachToFunctionContext(context)
    return params.func(context, scope)
  end
  local status = run('write', params.title, main, options)
  if options then return true, status end
  return true
end

local function assertAccess(private)
  return function(self, what)
    host.record(self, 'LrCatalog')
    local gate = host.gate()
    if not gate or (gate.kind == 'private' and not private) then
      error(tostring(what) .. ' requires write access', 2)
    end
  end
end

host.catalogMethods.assertHasWriteAccess = assertAccess(false)
host.catalogMethods.assertHasPrivateWriteAccess = assertAccess(true)
host.catalogProperties.hasWriteAccess = function()
  return host.gate() ~= nil and host.gate().kind == 'write'
end
host.catalogProperties.hasPrivateWriteAccess = function() return host.gate() ~= nil end
