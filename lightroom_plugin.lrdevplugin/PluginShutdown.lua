-- Runs when the plug-in is unloaded, also for a reload. Nothing may wait here: the loop ends at its next look.

require('ImportWatcher').stop()
