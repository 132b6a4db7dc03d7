"""Run `autocull` with fakes measuring in real worker processes: python culling_driver.py PREPARE WORDS..."""

from __future__ import annotations

import sys
from functools import partial

import culling_fakes as fakes
from autocull.cli import culling, main

PREPARES = {
    "by_name": fakes.by_name,
    "quick_then_endless": partial(fakes.slowly_after, 600, "quick"),
}

if __name__ == "__main__":  # workers import this module too
    culling.ensemble_at = lambda _: None
    start = culling.Workers
    prepare = PREPARES[sys.argv[1]]
    culling.Workers = lambda _, **options: start(prepare, **options)
    culling.versions = lambda _: fakes.VERSIONS
    sys.exit(main(sys.argv[2:]))
