local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: run', function() return require('RunDialog').show end)
