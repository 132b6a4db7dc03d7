"""The route that lists profiles, settings, marks, reasons and tastes: `/v1/settings`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from autocull.paths import user_settings_file
from autocull.serve.http import check_no_input


def create_settings_blueprint() -> Blueprint:
    """Create the route."""
    blueprint = Blueprint("settings", __name__)

    @blueprint.get("/v1/settings")
    def list_settings() -> Response:
        """List profiles, settings, the marks table, the reasons and the tastes."""
        check_no_input()
        return jsonify(describe_choices())

    return blueprint


def describe_choices() -> dict[str, Any]:
    """Return every profile, setting, mark and reason with its texts, and the names of the tastes.

    Defaults and marks are those of the profile with the user's settings file. Raises SettingsError for a
    file that is refused.
    """
    from autocull.judge import PROFILE_DESCRIPTIONS, REASON_TEXTS, load_settings
    from autocull.serve.jobs import open_profile_store

    return {
        "profiles": [{"name": name, "text": text} for name, text in PROFILE_DESCRIPTIONS.items()],
        "settings": _describe_settings(),
        "marks": [row.model_dump() for row in load_settings(user_file=user_settings_file()).marks],
        "reasons": [
            {"code": code, "title": reason_text.name, "text": reason_text.advice}
            for code, reason_text in REASON_TEXTS.items()
        ],
        "tastes": open_profile_store().list_names(),
    }


def _describe_settings() -> list[dict[str, Any]]:
    from autocull.judge import PROFILES, Settings, load_settings

    user_file = user_settings_file()
    defaults = {profile: load_settings(profile, user_file=user_file) for profile in PROFILES}
    properties = Settings.model_json_schema()["properties"]
    return [
        {
            "name": name,
            "text": schema["description"],
            "unit": schema.get("unit", "choice"),
            "minimum": schema.get("minimum"),
            "maximum": schema.get("maximum"),
            "choices": schema.get("enum"),
            "default": {profile: getattr(settings, name) for profile, settings in defaults.items()},
        }
        for name, schema in properties.items()
        if name != "marks"
    ]
