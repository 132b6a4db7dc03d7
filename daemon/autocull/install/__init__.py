"""Install: the plug-in in Lightroom, the daemon at login, and both away again; what differs by system."""
