local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: previous import', function() return require('PreviousImport').show end)
