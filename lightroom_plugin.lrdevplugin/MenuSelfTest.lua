local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: self-test', function() return require('SelfTest').show end)
