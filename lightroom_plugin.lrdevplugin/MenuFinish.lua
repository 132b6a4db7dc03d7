local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: finish', function() return require('FinishShoot').show end)
