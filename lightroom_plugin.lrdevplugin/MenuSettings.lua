local MenuCommand = require 'MenuCommand'
MenuCommand.start('Autocull: settings', function() return require('SettingsDialog').show end)
