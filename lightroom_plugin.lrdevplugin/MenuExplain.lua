local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: explain', function() return require('Explain').show end)
