local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: undo', function() return require('Undo').show end)
