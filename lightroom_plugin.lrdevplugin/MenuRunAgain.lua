local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: run again', function() return require('RunDialog').repeatLast end)
