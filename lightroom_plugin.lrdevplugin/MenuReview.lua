local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: review', function() return require('SmartCollections').show end)
