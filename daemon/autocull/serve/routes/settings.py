"""What there is to choose from: `/v1/settings`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from autocull.serve.http.request_parsing import nothing_asked


def choices_blueprint() -> Blueprint:
    """Make the address."""
    blueprint = Blueprint("choices", __name__)

    @blueprint.get("/v1/settings")
    def settings() -> Response:
        """List profiles, settings, the marks table and the reasons."""
        nothing_asked()
        return jsonify(choices())

    return blueprint


def choices() -> dict[str, Any]:
    """Give every profile, setting, mark and reason, with its words."""
    from autocull.judge.category_presets import ABOUT
    from autocull.judge.settings import DEFAULT_MARKS
    from autocull.judge.texts.reasons import WORDS

    return {
        "profiles": [{"name": name, "text": text} for name, text in ABOUT.items()],
        "settings": _settings(),
        "marks": [row.model_dump() for row in DEFAULT_MARKS],
        "reasons": [{"code": code, "title": word.name, "text": word.advice} for code, word in WORDS.items()],
    }


def _settings() -> list[dict[str, Any]]:
    from autocull.judge import PROFILES, Settings

    properties = Settings.model_json_schema()["properties"]
    return [
        {
            "name": name,
            "text": told["description"],
            "unit": told.get("unit", "choice"),
            "minimum": told.get("minimum"),
            "maximum": told.get("maximum"),
            "choices": told.get("enum"),
            "default": {profile: getattr(settings, name) for profile, settings in PROFILES.items()},
        }
        for name, told in properties.items()
        if name != "marks"
    ]
