local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: why', function() return require('WhyWindow').show end)
