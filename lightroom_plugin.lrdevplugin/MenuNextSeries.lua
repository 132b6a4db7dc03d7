local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: next series', function() return require('SeriesView').nextSeries end)
