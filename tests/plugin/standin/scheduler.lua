--[[ LrTasks on real coroutines, with a clock that only sleeping moves.

A task is queued, never run inline. Waiting is coroutine.yield, so Lua itself forbids it across C calls: pcall,
sort comparators, gsub callbacks, metamethods, iterators and chunks that `require` runs.
]]

local host = ...

local TICK = 10000 -- VM instructions between two checks of how long a task has run
local SHORTEST = 0.001 -- seconds that the application takes until a task's next turn
local queue, posted = {}, 0

host.now = 0 -- seconds since the host was created
host.current = nil -- the task that runs
host.barred = 0 -- how many plain pcalls, button actions and so on are open
host.errors = {} -- what ended a task
host.steps = 0 -- the most VM instructions that a task ran without yielding
host.limit = 20 * 1000 * 1000 -- more of them would freeze Lightroom visibly

local ticks = 0

local function count()
  ticks = ticks + 1
  host.steps = math.max(host.steps, ticks * TICK)
  if ticks * TICK > host.limit then
    ticks = 0
    host.violation('a task ran ' .. host.limit .. ' steps without yielding: Lightroom would freeze')
  end
end

local function thread(func)
  local task = coroutine.create(func)
  debug.sethook(task, count, '', TICK)
  return task
end

--- Whether the code that runs may wait.
function host.canWait()
  return host.current ~= nil and host.barred == 0
end

--- Lets the other tasks run and returns `seconds` later, or at once; a violation where nothing may wait.
function host.pause(seconds)
  if not host.current then host.violation 'We can only wait from within a task' end
  if host.barred > 0 then host.violation 'Yielding is not allowed within a C or metamethod call' end
  coroutine.yield(seconds or 0)
end

--- Calls `func` so that nothing in it may wait; raises its error.
function host.barredCall(func, ...)
  host.barred = host.barred + 1
  local results = host.pack(pcall(func, ...))
  host.barred = host.barred - 1
  if not results[1] then error(results[2], 0) end
  return host.unpack(results, 2)
end

--- The results of LrTasks.pcall: a protected call within which tasks may wait.
function host.call(func, ...)
  local inner = thread(func)
  local function pass(ok, ...)
    if not ok then
      host.traceback = debug.traceback(inner, tostring((...)))
      return false, ...
    end
    if coroutine.status(inner) == 'dead' then return true, ... end
    return pass(coroutine.resume(inner, coroutine.yield(...)))
  end
  return pass(coroutine.resume(inner, ...))
end

-- A function that runs `task` on to its next wait. It is created by wrap, which leaves nothing on the stack of the
-- main coroutine, by which Python reads tables while the task calls it.
local function createResumer(task, func)
  return coroutine.wrap(function()
    task.thread = coroutine.running()
    debug.sethook(task.thread, count, '', TICK)
    func()
    task.isOver = true
  end)
end

--- Queues a task; `shown`: whether the host shows a dialog when it fails.
function host.post(func, name, shown)
  host.expect('the function of a task', func, 'function')
  posted = posted + 1
  local task = { name = name or 'task ' .. posted, shown = shown, wake = host.now, number = posted }
  task.resume = createResumer(task, func)
  queue[#queue + 1] = task
end

local function isBefore(one, other)
  if one.wake ~= other.wake then return one.wake < other.wake end
  if host.knobs.order == 'lifo' then return one.number > other.number end
  return one.number < other.number
end

local function nextTask()
  local first
  for index, task in ipairs(queue) do
    if not first or isBefore(task, queue[first]) then first = index end
  end
  return first
end

local function fail(task, err)
  if err == host.CANCELED then return end
  local traceback = debug.traceback(task.thread, tostring(err))
  host.errors[#host.errors + 1] = { task = task.name, message = tostring(err), traceback = traceback }
  if task.shown then host.note('dialog', { kind = 'error', title = task.name, message = tostring(err) }) end
end

local function leave(task)
  for index, each in ipairs(queue) do
    if each == task then table.remove(queue, index) end
  end
  host.release(task)
end

--- Runs the next task that is due until it waits. Returns true; or, where none is due, the seconds until one is; or
-- nil where there is no task.
function host.step()
  local index = nextTask()
  if not index then return nil end
  local task = queue[index]
  if task.wake > host.now then return task.wake - host.now end
  host.current, ticks = task, 0
  local ok, seconds = pcall(task.resume)
  host.current, host.barred = nil, 0
  if not ok then fail(task, seconds) end
  if task.isOver or not ok then
    leave(task)
  else
    posted = posted + 1
    task.wake, task.number = host.now + math.max(seconds, SHORTEST), posted
  end
  return true
end

--- Drops all tasks, as at the end of the application.
function host.dropTasks()
  queue = {}
end

--- The names of the tasks that are not at their end.
function host.taskNames()
  local result = {}
  for index, task in ipairs(queue) do result[index] = task.name end
  return result
end

host.modules.LrTasks = host.namespace('LrTasks', {
  startAsyncTask = function(func, name) host.post(func, name, true) end,
  startAsyncTaskWithoutErrorHandler = function(func, name) host.post(func, name, false) end,
  sleep = function(seconds)
    host.pause(host.expect('the seconds of LrTasks.sleep', seconds, 'number'))
  end,
  yield = function() host.pause(0) end,
  canYield = host.canWait,
  pcall = function(func, ...) return host.call(host.expect('the function of pcall', func, 'function'), ...) end,
  execute = function(command)
    host.expect('the command', command, 'string')
    host.pause(0)
    if host.heldBy(host.current) then host.violation 'LrTasks.execute inside a gate holds the catalog' end
    local status = host.python('execute', command)
    while status == nil do
      host.pause(0.1)
      status = host.python('poll', command)
    end
    return status
  end,
})
