"""Tests of judging; a package, so that its files may be named as those of other packages are."""
