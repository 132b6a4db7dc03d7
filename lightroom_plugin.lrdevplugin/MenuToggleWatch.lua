local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: flag new imports', function() return require('ImportWatchToggle').toggle end)
