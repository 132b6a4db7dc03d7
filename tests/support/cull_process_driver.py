"""Run `autocull` with fakes in real worker processes: python cull_process_driver.py PREPARE WORDS..."""

from __future__ import annotations

import sys
from functools import partial

from autocull.cli import main
from autocull.pipeline import cull_run
from support import cull_run_fakes as fakes

PREPARES = {
    "by_name": fakes.by_name,
    "slowly": partial(fakes.slowly, 0.02),
    "quick_then_endless": partial(fakes.slowly_after, 600, "quick"),
}

if __name__ == "__main__":  # workers import this module too
    cull_run.make_measure = lambda _: None
    start = cull_run.Workers
    prepare = PREPARES[sys.argv[1]]
    cull_run.Workers = lambda _, **options: start(prepare, **options)
    cull_run.versions = lambda _: fakes.VERSIONS
    sys.argv[1:] = sys.argv[2:]
    sys.exit(main())
