local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: compare', function() return require('SeriesView').compare end)
