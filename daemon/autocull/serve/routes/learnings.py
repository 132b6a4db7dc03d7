"""Learning from her own picks: `/v1/learnings`."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from autocull.serve.http.request_parsing import body, nothing_asked, parameters
from autocull.serve.http.responses import learning_answer
from autocull.serve.learnings.manager import Learnings


def teaching_blueprint(learnings: Learnings) -> Blueprint:
    """Make the addresses below `/v1/learnings`."""
    blueprint = Blueprint("teaching", __name__, url_prefix="/v1/learnings")

    @blueprint.post("")
    def begin() -> tuple[Response, int]:
        """Take her first decisions, and answer at once."""
        from autocull.serve.http.request_models import LearningBody

        parameters()
        given = body(LearningBody)
        begun = learnings.create(given.name, given.decided(), more=given.more)
        return jsonify(learning_answer(begun)), 202

    @blueprint.post("/<learning>/decisions")
    def add_decisions(learning: str) -> tuple[Response, int]:
        """Take further decisions of an open learning."""
        from autocull.serve.http.request_models import DecisionsBody

        parameters()
        given = body(DecisionsBody)
        return jsonify(learning_answer(learnings.add(learning, given.decided(), more=given.more))), 202

    @blueprint.get("/<learning>")
    def one_learning(learning: str) -> Response:
        """Say how a learning is."""
        nothing_asked()
        return jsonify(learning_answer(learnings.learning(learning)))

    @blueprint.post("/<learning>/cancel")
    def cancel_learning(learning: str) -> Response:
        """End a learning; nothing is learned."""
        nothing_asked()
        return jsonify(learning_answer(learnings.cancel(learning)))

    return blueprint
