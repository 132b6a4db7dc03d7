"""The routes of the daemon itself: `/ping`, `/v1/status` and `/v1/shutdown`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from flask import Blueprint, Response, jsonify

from autocull import __version__
from autocull.errors import Problem, StoreError
from autocull.serve.http import check_no_input
from autocull.serve.jobs import JobStore, Runner

PRODUCT = "autocull"
PROTOCOL = 1
"""The version of docs/protocol.md; it increases with a change that older plug-ins cannot handle."""


def create_health_blueprint(jobs: JobStore, runner: Runner, stop: Callable[[], None]) -> Blueprint:
    """Create the routes; `uptime_s` counts from this call, `stop` is called on a shutdown request."""
    blueprint = Blueprint("health", __name__)
    started = time.monotonic()

    @blueprint.get("/ping")
    def ping() -> Response:
        """Return product and protocol version, and nothing else: the request needs no token."""
        check_no_input()
        return jsonify(product=PRODUCT, protocol=PROTOCOL)

    @blueprint.get("/v1/status")
    def status() -> Response:
        """Return version, state and work of the daemon."""
        check_no_input()
        state = runner.state()
        waiting, problem = _count_waiting(jobs)
        return jsonify(
            product=PRODUCT,
            protocol=PROTOCOL,
            version=__version__,
            pid=os.getpid(),
            state=state.state,
            uptime_s=round(time.monotonic() - started, 1),
            waiting=waiting,
            problem=None if problem is None else problem.to_json(),
            job=state.job,
            networks_loaded=state.networks_loaded,
            models=runner.versions(),
        )

    @blueprint.post("/v1/shutdown")
    def shutdown() -> tuple[Response, int]:
        """Request the end of the daemon."""
        check_no_input()
        stop()
        return jsonify(stopping=True), 202

    return blueprint


def _count_waiting(jobs: JobStore) -> tuple[int, Problem | None]:
    """Return the number of waiting jobs; 0 and the problem if the job database cannot be used."""
    try:
        return jobs.count_waiting(), None
    except StoreError as error:
        return 0, error.problem
