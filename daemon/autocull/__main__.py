"""`python -m autocull`: the same as the command `autocull`."""

import sys

from autocull.cli import main

if __name__ == "__main__":  # worker processes import this module too
    sys.exit(main())
