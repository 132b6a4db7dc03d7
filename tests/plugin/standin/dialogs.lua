--[[ LrDialogs: shown dialogs are recorded and answered by the test. An unexpected dialog fails it. ]]

local host = ...

--- Records what the host shows: a "dialog" or a "bezel".
function host.note(kind, what)
  host.python('noted', kind, what)
end

--- Shows a dialog and returns the name of the button that the test presses; other tasks go on meanwhile.
function host.showDialog(dialog)
  if host.unloading then host.violation 'a dialog cannot be shown while the plug-in is unloaded' end
  if host.gate() then host.violation 'a dialog inside a gate holds the catalog until somebody answers' end
  local seconds = host.python('open', dialog)
  if host.canWait() then
    host.pause(seconds)
  elseif host.current then
    host.violation 'Yielding is not allowed within a C or metamethod call'
  end
  -- An answer is user input.
  host.userInput = true
  return (host.python('answer', dialog))
end

local function message(text, info, style)
  host.expect('the message', text, 'string')
  host.expect('the information', info, 'string or nil')
  if style ~= nil and style ~= 'warning' and style ~= 'info' and style ~= 'critical' then
    host.violation('there is no style "' .. tostring(style) .. '"')
  end
  host.showDialog { kind = 'message', message = text, info = info, style = style or 'warning', ok = 'OK' }
end

local function confirm(text, info, action, cancel, other)
  host.expect('the message', text, 'string')
  for _, each in ipairs { info, action, cancel, other } do host.expect('a text of confirm', each, 'string or nil') end
  return host.showDialog {
    kind = 'confirm', message = text, info = info, ok = action or 'OK', cancel = cancel or 'Cancel', other = other,
  }
end

local MODAL = {
  title = 'string', contents = 'table', accessoryView = 'table', actionVerb = 'string', cancelVerb = 'string',
  otherVerb = 'string', save_frame = 'string', actionBinding = 'table', resizable = 'boolean or string or nil',
}

local function presentModalDialog(arguments)
  host.expect('the arguments of presentModalDialog', arguments, 'table')
  host.expect('the contents', arguments.contents, 'table')
  for key, value in pairs(arguments) do
    if not MODAL[key] then host.violation('presentModalDialog has no argument "' .. tostring(key) .. '"') end
    host.expect(key, value, MODAL[key])
  end
  local cancel = arguments.cancelVerb or 'Cancel'
  return host.showDialog {
    kind = 'modal',
    title = arguments.title,
    ok = arguments.actionVerb or 'OK',
    cancel = cancel ~= '< exclude >' and cancel or nil,
    other = arguments.otherVerb,
    controls = function() return host.controls(arguments.contents, nil) end,
    tree = function() return host.tree(arguments.contents, nil) end,
  }
end

local function noted(kind)
  return function(arguments)
    host.expect('the arguments', arguments, 'table')
    local key = host.expect('actionPrefKey', arguments.actionPrefKey, 'string')
    if host.savedPrefs[key] then return nil end
    return host.showDialog { kind = kind, message = arguments.message, info = arguments.info, ok = 'OK' }
  end
end

local function openPanel(arguments)
  host.expect('the arguments of runOpenPanel', arguments, 'table')
  local answer = host.showDialog { kind = 'open', title = arguments.title, ok = 'Open', cancel = 'Cancel' }
  if answer == 'cancel' then return nil end
  return { answer }
end

local function savePanel(arguments)
  local answer = host.showDialog { kind = 'save', title = arguments.title, ok = 'Save', cancel = 'Cancel' }
  if answer == 'cancel' then return nil end
  return answer
end

host.modules.LrDialogs = host.namespace('LrDialogs', {
  message = message,
  confirm = confirm,
  presentModalDialog = presentModalDialog,
  presentFloatingDialog = function(...) return host.presentFloatingDialog(...) end,
  messageWithDoNotShow = noted 'message',
  runOpenPanel = openPanel,
  runSavePanel = savePanel,
  showError = function(text)
    host.expect('the error', text, 'string')
    host.showDialog { kind = 'message', message = text, style = 'critical', ok = 'OK' }
  end,
  showBezel = function(text, seconds)
    host.expect('the text of a bezel', text, 'string')
    host.expect('the seconds of a bezel', seconds, 'number or nil')
    if host.unloading then host.violation 'LrDialogs is not available while the plug-in is unloaded' end
    host.note('bezel', { message = text, seconds = seconds or 1.2 })
  end,
  attachErrorDialogToFunctionContext = function(context) host.liveContext(context).errorDialog = true end,
  resetDoNotShowFlag = function(key) host.savedPrefs[key] = nil end,
  showModalProgressDialog = function(arguments)
    host.expect('functionContext', arguments.functionContext, 'table')
    local scope = host.modules.LrProgressScope(arguments)
    scope:setCancelable(not arguments.cannotCancel)
    return scope
  end,
})
