-- Runs when the plug-in is unloaded, also for a reload. Nothing may wait here: loop and run end at their next step.

require('ImportWatcher').stop()
require('RunLock').stop()
