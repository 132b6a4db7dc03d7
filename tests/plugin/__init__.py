"""Tests of the plug-in, in real Lua 5.1; a package, so that they may import its stand-in host."""
