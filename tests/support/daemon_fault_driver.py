"""A daemon's jobs and runner in a process that a test kills: python daemon_fault_driver.py FOLDER PHOTOS."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from autocull.measure.models import models_root
from autocull.serve.jobs.runner import Runner
from support import cull_run_fakes as fakes
from support.job_fixtures import JobDatabase, job_request, requested_photos, wait_until

if __name__ == "__main__":
    folder, photos = Path(sys.argv[1]), int(sys.argv[2])
    database = JobDatabase(folder / "jobs.sqlite", print)
    jobs = database.jobs
    if not jobs.list_newest():
        names = [f"{number}.jpg" for number in range(photos)]
        fakes.frames_in(folder, *names)
        jobs.create(job_request(*requested_photos(*names, path=f"{folder}/{{}}")))
    runner = Runner(
        jobs,
        database.queue,
        store_file=folder / "store.sqlite",
        models=models_root(),
        start_workers=lambda: fakes.FakeWorkers(fakes.slowly(0.002)),
        idle_s=600,
    )
    runner.start()
    wait_until(lambda: time.sleep(0.01) or jobs.list_newest()[0].state == "done", "the end of the job")
    runner.stop()
    database.close()
