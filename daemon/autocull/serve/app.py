"""The Flask application of the daemon."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response

from autocull.serve.http import register_access_gate, register_error_handlers
from autocull.serve.jobs import JobStore, Runner
from autocull.serve.journals import Journals
from autocull.serve.learnings import Learnings
from autocull.serve.routes import (
    create_health_blueprint,
    create_jobs_blueprint,
    create_journals_blueprint,
    create_learnings_blueprint,
    create_settings_blueprint,
)


def create_app(
    *,
    token: str,
    jobs: JobStore,
    journals: Journals,
    runner: Runner,
    learnings: Learnings,
    stop: Callable[[], None],
) -> Flask:
    """Create the application; it serves clients that send `token`, and calls `stop` on a shutdown request.

    Access gate and error handlers are registered here, so that they cover every path, also unknown ones.
    """
    app = Flask(__name__, static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False  # else a path with two slashes is answered with a redirect
    app.json.sort_keys = False  # type: ignore[attr-defined] # Flask's default provider has it
    register_error_handlers(app)
    register_access_gate(app, token)
    app.register_blueprint(create_health_blueprint(jobs, runner, stop))
    app.register_blueprint(create_settings_blueprint())
    app.register_blueprint(create_jobs_blueprint(jobs, journals, runner))
    app.register_blueprint(create_journals_blueprint(journals))
    app.register_blueprint(create_learnings_blueprint(learnings))
    app.after_request(_add_security_headers)
    return app


def _add_security_headers(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
