-- Runs when Lightroom quits, which waits for done(): the daemon goes on by itself, so there is nothing to wait for.

return {
  LrShutdownFunction = function(done)
    require('ImportWatcher').stop()
    require('RunLock').stop()
    done()
  end,
}
