"""The program in the bundle: the command `autocull`, or its menu where it is started without arguments."""

import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()  # worker processes start this program, too, and end here

    from autocull.cli import main

    sys.exit(main(sys.argv[1:] or ["menu"]))
