-- Runs when Lightroom quits, which waits for done(). The daemon keeps running by itself: there is nothing to wait for.

return {
  LrShutdownFunction = function(done)
    require('ImportWatcher').stop()
    require('RunLock').stop()
    done()
  end,
}
