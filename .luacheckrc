-- `luacheck .`: Lua 5.1, with what Lightroom adds for plug-ins and without what it takes away.
std = 'lua51'
max_line_length = 120
exclude_files = { '.venv' }

files['lightroom_plugin.lrdevplugin'] = {
  read_globals = { 'import', 'LOC', '_PLUGIN', 'WIN_ENV', 'MAC_ENV' },
  -- Nothing can wait inside a plain pcall: LrTasks.pcall is used everywhere.
  not_globals = {
    'collectgarbage', 'coroutine', 'gcinfo', 'getfenv', 'module', 'newproxy', 'pcall', 'print', 'setfenv', 'xpcall',
  },
}
