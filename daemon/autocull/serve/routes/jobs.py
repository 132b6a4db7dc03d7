"""The routes of jobs, their results and journals: `/v1/jobs`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify

from autocull.errors import RequestError
from autocull.serve.http import (
    check_no_input,
    job_to_json,
    page_to_json,
    parse_page,
    parse_parameters,
    validate_body,
)
from autocull.serve.jobs import Job, JobStore, Runner
from autocull.serve.journals import Journals

RESULTS_PER_PAGE = 200
"""The default number of results on a page."""


def create_jobs_blueprint(jobs: JobStore, journals: Journals, runner: Runner) -> Blueprint:
    """Create the routes below `/v1/jobs`."""
    blueprint = Blueprint("jobs", __name__, url_prefix="/v1/jobs")

    def to_json(job: Job) -> dict[str, Any]:
        return job_to_json(job, jobs.counts(job.id), runner.rate(job.id))

    _add_write_routes(blueprint, jobs, runner)
    _add_journal_route(blueprint, journals)
    _add_read_routes(blueprint, jobs, to_json)
    _add_end_routes(blueprint, jobs, to_json)
    return blueprint


def _add_write_routes(blueprint: Blueprint, jobs: JobStore, runner: Runner) -> None:
    """Add the routes that take photos."""

    @blueprint.post("")
    def create() -> tuple[Response, int]:
        """Create a job, and answer at once."""
        from autocull.serve.http import JobBody

        parse_parameters()
        job_request = validate_body(JobBody).to_job_request()
        _check_running(runner)
        job = jobs.create(job_request)
        return jsonify(id=job.id, total=jobs.counts(job.id).total), 202

    @blueprint.post("/<job>/photos")
    def add(job: str) -> tuple[Response, int]:
        """Add photos to an open job."""
        from autocull.serve.http import PhotosBody

        parse_parameters()
        content = validate_body(PhotosBody)
        _check_running(runner)
        jobs.add_photos(job, content.to_requested_photos(), more=content.more)
        return jsonify(id=job, total=jobs.counts(job).total), 202


def _add_journal_route(blueprint: Blueprint, journals: Journals) -> None:
    """Add the route that takes the marks that are about to be written."""

    @blueprint.post("/<job>/journal")
    def write_journal(job: str) -> Response:
        """Add the marks before and after to the job's journal."""
        from autocull.serve.http import EntriesBody

        parse_parameters()
        updated = journals.write(job, [entry.to_entry() for entry in validate_body(EntriesBody).entries])
        return jsonify(id=job, entries=updated.entries)


def _add_read_routes(blueprint: Blueprint, jobs: JobStore, to_json: Callable[[Job], dict[str, Any]]) -> None:
    """Add the routes that only read."""

    @blueprint.get("")
    def list_jobs() -> Response:
        """List the newest jobs."""
        check_no_input()
        return jsonify(jobs=[to_json(job) for job in jobs.list_newest()])

    @blueprint.get("/<job>")
    def get_job(job: str) -> Response:
        """Return a job with its progress."""
        check_no_input()
        return jsonify(to_json(jobs.record_poll(job)))

    @blueprint.get("/<job>/results")
    def list_results(job: str) -> Response:
        """Return a page of results, in the order of their numbers."""
        after, limit = parse_page(parse_parameters("after", "limit"), RESULTS_PER_PAGE)
        jobs.record_poll(job)
        rows, complete = jobs.list_results(job, after, limit)
        return jsonify(page_to_json("results", rows, after, complete))


def _add_end_routes(blueprint: Blueprint, jobs: JobStore, to_json: Callable[[Job], dict[str, Any]]) -> None:
    """Add the routes that end a job or delete one that has ended."""

    @blueprint.post("/<job>/cancel")
    def cancel(job: str) -> Response:
        """Cancel a job; its results so far stay."""
        check_no_input()
        return jsonify(to_json(jobs.cancel(job)))

    @blueprint.post("/<job>/acknowledge")
    def acknowledge(job: str) -> Response:
        """Delete a job whose results have arrived."""
        check_no_input()
        jobs.acknowledge(job)
        return jsonify(id=job)


def _check_running(runner: Runner) -> None:
    if runner.state().state == "stopping":
        raise RequestError("The daemon is stopping. Start it again, then send the photos.", code="stopping")
