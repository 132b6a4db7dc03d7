#!/bin/sh
# Double-click in the Finder: sets up Autocull in this checkout, and installs it for Lightroom Classic.
cd "$(dirname "$0")/.." || exit 1
for python in python3.13 python3.12 python3.11 python3; do
    if command -v "$python" >/dev/null 2>&1 &&
        "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
        "$python" installer/bootstrap.py install
        code=$?
        [ "$code" -eq 0 ] || echo "Autocull was not installed; see the messages above."
        echo "You may close this window."
        exit "$code"
    fi
done
echo "Autocull needs Python 3.11, 3.12 or 3.13: install it from python.org, then double-click this again."
exit 1
