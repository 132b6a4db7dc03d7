local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: report', function() return require('LastReport').show end)
