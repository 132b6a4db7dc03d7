local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: selection', function() return require('CullCommands').show end)
