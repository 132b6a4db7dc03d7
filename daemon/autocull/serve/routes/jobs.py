"""Jobs: made, fed, looked at, read, cancelled, acknowledged, and their journal written: `/v1/jobs`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify

from autocull.errors import RequestError
from autocull.serve.http.request_parsing import body, nothing_asked, page, parameters
from autocull.serve.http.responses import job_answer, page_answer
from autocull.serve.jobs.model import Job
from autocull.serve.jobs.runner import Runner
from autocull.serve.jobs.store import JobStore

RESULTS = 200
"""Results on a page, unless asked otherwise."""


def jobs_blueprint(jobs: JobStore, runner: Runner) -> Blueprint:
    """Make the addresses below `/v1/jobs`."""
    blueprint = Blueprint("jobs", __name__, url_prefix="/v1/jobs")

    def told(job: Job) -> dict[str, Any]:
        return job_answer(job, jobs.counts(job.id), runner.rate(job.id))

    _taking(blueprint, jobs, runner)
    _telling(blueprint, jobs, told)
    _ending(blueprint, jobs, told)
    return blueprint


def _taking(blueprint: Blueprint, jobs: JobStore, runner: Runner) -> None:
    """Add the addresses that take photos, and the marks that are about to be written."""

    @blueprint.post("")
    def create() -> tuple[Response, int]:
        """Take a new job, and answer at once."""
        from autocull.serve.http.request_models import JobBody

        parameters()
        order = body(JobBody).order()
        _check_running(runner)
        job = jobs.create(order)
        return jsonify(id=job.id, total=jobs.counts(job.id).total), 202

    @blueprint.post("/<job>/photos")
    def add(job: str) -> tuple[Response, int]:
        """Take further photos of an open job."""
        from autocull.serve.http.request_models import PhotosBody

        parameters()
        given = body(PhotosBody)
        _check_running(runner)
        jobs.add(job, given.wanted(), more=given.more)
        return jsonify(id=job, total=jobs.counts(job).total), 202

    @blueprint.post("/<job>/journal")
    def journal(job: str) -> Response:
        """Write the marks before and after into the job's journal."""
        from autocull.serve.http.request_models import EntriesBody

        parameters()
        written = jobs.journals.write(job, [entry.entry() for entry in body(EntriesBody).entries])
        return jsonify(id=job, entries=written.entries)


def _telling(blueprint: Blueprint, jobs: JobStore, told: Callable[[Job], dict[str, Any]]) -> None:
    """Add the addresses that change nothing."""

    @blueprint.get("")
    def newest() -> Response:
        """List the newest jobs."""
        nothing_asked()
        return jsonify(jobs=[told(job) for job in jobs.jobs()])

    @blueprint.get("/<job>")
    def one(job: str) -> Response:
        """Say how a job is."""
        nothing_asked()
        return jsonify(told(jobs.job(job)))

    @blueprint.get("/<job>/results")
    def results(job: str) -> Response:
        """Give a page of results, in the order in which they were made."""
        after, limit = page(parameters("after", "limit"), RESULTS)
        rows, complete = jobs.results(job, after, limit)
        return jsonify(page_answer("results", rows, after, complete))


def _ending(blueprint: Blueprint, jobs: JobStore, told: Callable[[Job], dict[str, Any]]) -> None:
    """Add the addresses that end a job, or forget one that has ended."""

    @blueprint.post("/<job>/cancel")
    def cancel(job: str) -> Response:
        """End a job where it is."""
        nothing_asked()
        return jsonify(told(jobs.cancel(job)))

    @blueprint.post("/<job>/acknowledge")
    def acknowledge(job: str) -> Response:
        """Forget a job whose results have arrived."""
        nothing_asked()
        jobs.acknowledge(job)
        return jsonify(id=job)


def _check_running(runner: Runner) -> None:
    if runner.state().state == "stopping":
        raise RequestError("The daemon is ending. Start it again, then send the photos.", code="stopping")
