local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: preview', function() return require('Preview').show end)
