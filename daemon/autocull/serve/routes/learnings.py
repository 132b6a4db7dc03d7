"""The routes that learn a taste from the photographer's decisions: `/v1/learnings`."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from autocull.serve.http import check_no_input, learning_to_json, parse_parameters, validate_body
from autocull.serve.learnings import Learnings


def create_learnings_blueprint(learnings: Learnings) -> Blueprint:
    """Create the routes below `/v1/learnings`."""
    blueprint = Blueprint("learnings", __name__, url_prefix="/v1/learnings")

    @blueprint.post("")
    def create_learning() -> tuple[Response, int]:
        """Create a learning with its first decisions, and answer at once."""
        from autocull.serve.http import LearningBody

        parse_parameters()
        content = validate_body(LearningBody)
        learning = learnings.create(content.name, content.to_decisions(), more=content.more)
        return jsonify(learning_to_json(learning)), 202

    @blueprint.post("/<learning>/decisions")
    def add_decisions(learning: str) -> tuple[Response, int]:
        """Add decisions to an open learning."""
        from autocull.serve.http import DecisionsBody

        parse_parameters()
        content = validate_body(DecisionsBody)
        return jsonify(
            learning_to_json(learnings.add(learning, content.to_decisions(), more=content.more))
        ), 202

    @blueprint.get("/<learning>")
    def get_learning(learning: str) -> Response:
        """Return a learning with its progress."""
        check_no_input()
        return jsonify(learning_to_json(learnings.get(learning)))

    @blueprint.post("/<learning>/cancel")
    def cancel_learning(learning: str) -> Response:
        """Cancel a learning; nothing is learned."""
        check_no_input()
        return jsonify(learning_to_json(learnings.cancel(learning)))

    return blueprint
