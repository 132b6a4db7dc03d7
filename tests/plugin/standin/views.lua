--[[ LrView: views are plain tables; host.controls() returns the controls of a tree of them, to read and to use, and
host.tree() the tree itself, to be drawn. ]]

local host = ...

local function set(text)
  local result = {}
  for word in text:gmatch '%S+' do result[word] = true end
  return result
end

local KINDS = [[
  catalog_photo checkbox color_well column combo_box edit_field group_box password_field picture popup_menu push_button
  radio_button row scrolled_view separator simple_list slider spacer static_text tab_view tab_view_item view
]]

local PROPERTIES = set [[
  action alignment allows_multiple_selection auto_completion background_color bind_to_object checked_value completion
  enabled fill fill_horizontal fill_vertical font frame_color frame_width height height_in_lines horizontal_scroller
  identifier immediate increment integral items large_increment margin margin_bottom margin_horizontal margin_left
  margin_right margin_top margin_vertical max min mouse_down photo place place_horizontal place_vertical precision
  selectable show_title size spacing string_to_value text_color title tooltip truncation unchecked_value validate value
  value_equal value_to_string vertical_scroller visible width width_in_chars width_in_digits wraps wrap
]]

local function factory(kind)
  return function(self, arguments)
    if self ~= host.factory then host.violation('view:' .. kind .. '{ } is called with a colon') end
    host.expect('the properties of ' .. kind, arguments, 'table')
    for key in pairs(arguments) do
      if type(key) ~= 'number' and not PROPERTIES[key] then
        host.violation(kind .. ' has no property "' .. tostring(key) .. '"')
      end
    end
    arguments.kind = kind
    return arguments
  end
end

local members = {
  control_spacing = function() return 8 end,
  dialog_spacing = function() return 16 end,
  label_spacing = function() return 4 end,
}
for kind in KINDS:gmatch '%S+' do members[kind] = factory(kind) end
host.methodNames['the view factory'] = members
host.factory = host.namespace('the view factory', members)

local function bind(binding)
  if type(binding) == 'string' then return { isBinding = true, key = binding } end
  host.expect('a binding', binding, 'table')
  if not binding.key and not (binding.keys and binding.operation) then
    host.violation 'LrView.bind needs a key, or keys and an operation'
  end
  local copy = { isBinding = true }
  for key, value in pairs(binding) do copy[key] = value end
  copy.object = binding.bind_to_object or binding.object
  return copy
end

host.modules.LrView = host.namespace('LrView', {
  osFactory = function() return host.factory end,
  bind = bind,
  share = function(name) return { isShare = true, name = name } end,
  conditionalItem = function(condition, view) return condition and view or { kind = 'ignored' } end,
  kIgnoredView = { kind = 'ignored' },
})

host.modules.LrColor = host.namespace('LrColor', {}, function(_, ...) return { color = { ... } } end)

local function object(binding, default)
  local result = binding.object or default
  if not host.isObservable(result) then
    host.violation('the binding to "' .. tostring(binding.key) .. '" has no bind_to_object around it')
  end
  return result
end

local function resolve(value, default)
  if type(value) ~= 'table' or not value.isBinding then return value end
  local result
  if value.operation then
    local values = {}
    for _, key in ipairs(value.keys) do values[key] = object(value, default)[key] end
    result = host.barredCall(value.operation, value, values, true)
  else
    result = object(value, default)[value.key]
  end
  if value.transform then return host.barredCall(value.transform, result, true) end
  return result
end

local function isOffered(items, value)
  for _, item in ipairs(items) do
    if item.value == value then return true end
  end
  return false
end

local function refused(view, items, value)
  if view.kind == 'popup_menu' and not isOffered(items or {}, value) then
    return 'the menu does not offer ' .. tostring(value)
  end
  if view.validate then
    local ok, _, message = host.barredCall(view.validate, view, value)
    if not ok then return message or 'the field refuses ' .. tostring(value) end
  end
  return nil
end

local function put(view, default)
  return function(value)
    if resolve(view.enabled, default) == false then return 'the control is not enabled' end
    local binding = view.value
    if type(binding) ~= 'table' or not binding.isBinding then return 'the control has no binding' end
    local why = refused(view, resolve(view.items, default), value)
    if why then return why end
    -- Without `immediate` a field commits on Tab only: what was typed is lost by a click on the button of the dialog.
    if view.kind == 'edit_field' and not view.immediate and host.platform == 'mac' then return nil end
    if binding.transform then value = host.barredCall(binding.transform, value, false) end
    object(binding, default)[binding.key] = value
    return nil
  end
end

local function press(view, default)
  return function()
    if resolve(view.enabled, default) == false then return 'the button is not enabled' end
    -- A button's action runs outside of any task: nothing in it may wait.
    local task = host.current
    host.current = nil
    local ok, err = pcall(host.barredCall, view.action, view)
    host.current = task
    if not ok then error(err, 0) end
    return nil
  end
end

local function control(view, default)
  local isBound = type(view.value) == 'table' and view.value.isBinding
  return {
    kind = view.kind,
    title = resolve(view.title, default),
    value = resolve(view.value, default),
    key = isBound and view.value.key or nil,
    items = host.copy(resolve(view.items, default)),
    enabled = resolve(view.enabled, default) ~= false,
    visible = resolve(view.visible, default) ~= false,
    set = put(view, default),
    press = view.action and press(view, default) or nil,
  }
end

local function collect(view, default, result)
  if type(view) ~= 'table' or not view.kind then host.violation('this is no view: ' .. tostring(view)) end
  default = view.bind_to_object or default
  if view.kind ~= 'ignored' and view.kind ~= 'spacer' then result[#result + 1] = control(view, default) end
  for _, child in ipairs(view) do collect(child, default, result) end
end

--- The controls of a tree of views in their order, as they are now.
function host.controls(view, default)
  local result = {}
  collect(view, default, result)
  return result
end

local LAYOUT = {
  'width_in_chars', 'height_in_lines', 'font', 'min', 'max', 'wrap', 'truncation', 'height', 'immediate',
}

local function layout(view, node)
  for _, name in ipairs(LAYOUT) do node[name] = view[name] end
  local width = view.width
  if type(width) == 'table' and width.isShare then node.share = width.name else node.width = width end
end

--- The tree of views as it is now: kind, title, value and items of each, its layout, and its children.
function host.tree(view, default)
  default = view.bind_to_object or default
  local photo = resolve(view.photo, default)
  local node = {
    kind = view.kind,
    title = resolve(view.title, default),
    value = resolve(view.value, default),
    items = host.copy(resolve(view.items, default)),
    enabled = resolve(view.enabled, default) ~= false,
    visible = resolve(view.visible, default) ~= false,
    photo = photo and host.record(photo, 'LrPhoto').path or nil,
    children = {},
  }
  layout(view, node)
  for index, child in ipairs(view) do node.children[index] = host.tree(child, default) end
  return node
end
