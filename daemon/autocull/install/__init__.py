"""Installation of the plug-in and of the daemon's login entry on each system, and the checks of `doctor`."""
