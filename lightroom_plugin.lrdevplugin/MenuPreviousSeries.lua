local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: previous series', function() return require('SeriesView').previousSeries end)
