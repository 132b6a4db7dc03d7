#!/bin/sh
# Sets up Autocull in this checkout, and installs the plug-in's files and the daemon for this user.
cd "$(dirname "$0")/.." || exit 1
for python in python3.13 python3.12 python3.11 python3; do
    if command -v "$python" >/dev/null 2>&1 &&
        "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then
        exec "$python" installer/bootstrap.py install
    fi
done
echo "Autocull needs Python 3.11, 3.12 or 3.13, with its venv module." >&2
exit 1
