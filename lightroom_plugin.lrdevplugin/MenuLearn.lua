local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: learn', function() return require('Learn').show end)
