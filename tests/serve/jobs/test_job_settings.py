"""The settings snapshot of a job is kept to its end, and an unknown taste is refused at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.errors import SettingsError
from autocull.judge import Settings
from autocull.serve.jobs.job_settings import JobSettings, open_profile_store, parse_job_settings
from support.job_fixtures import error_code, fail_if_started, open_daemon
from support.taste_factories import profile


def test_snapshot_round_trips() -> None:
    """The settings to the last digit, and the name of the taste."""
    settings = Settings(eyes_reject=0.123456)
    for taste in (None, "my weddings"):
        snapshot = JobSettings(settings=settings, taste=taste)
        assert parse_job_settings(snapshot.model_dump_json()) == snapshot


@pytest.mark.parametrize(
    "text", ['{"settings": {"eyes_gone": 1}}', "{", '{"settings": {"eyes_reject": 7}}', "{}"]
)
def test_snapshot_of_another_version_is_refused(text: str) -> None:
    """A job of an older or newer Autocull is not judged by a part of its settings."""
    with pytest.raises(SettingsError, match="another version"):
        parse_job_settings(text)


def test_taste_is_loaded_when_the_job_is_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing or damaged taste is refused by its name."""
    monkeypatch.setenv("AUTOCULL_TASTES", str(tmp_path / "tastes"))
    with open_daemon(tmp_path, fail_if_started, running=False) as daemon:
        job_body = {"photos": [], "taste": "mine"}
        refused = daemon.post("/v1/jobs", job_body)
        assert (refused.status_code, error_code(refused)) == (422, "bad_settings")
        assert "'mine'" in refused.get_json()["error"]["message"]
        open_profile_store().save(profile(name="mine"))
        assert daemon.post("/v1/jobs", job_body).status_code == 202
        open_profile_store().profile_path("mine").write_text("damaged", "utf-8")
        refused = daemon.post("/v1/jobs", job_body)
        assert (refused.status_code, error_code(refused)) == (422, "bad_settings")
    assert JobSettings(settings=Settings()).load_profile() is None
