"""What a job was sent with holds to its end, and a taste that is not there is refused at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from autocull.errors import SettingsError
from autocull.judge import Settings
from autocull.serve.jobs.job_settings import JobSettings, open_profile_store, parse_job_settings
from support.job_fixtures import code, daemon, no_workers
from support.taste_factories import profile


def test_what_was_frozen_comes_back() -> None:
    """The settings to the last digit, and the name of the taste."""
    settings = Settings(eyes_reject=0.123456)
    for taste in (None, "my weddings"):
        frozen = JobSettings(settings=settings, taste=taste)
        assert parse_job_settings(frozen.model_dump_json()) == frozen


@pytest.mark.parametrize(
    "text", ['{"settings": {"eyes_gone": 1}}', "{", '{"settings": {"eyes_reject": 7}}', "{}"]
)
def test_settings_that_are_no_more_are_said_to_be_of_another_version(text: str) -> None:
    """A job of an older or newer Autocull is not judged by half of its settings."""
    with pytest.raises(SettingsError, match="another version"):
        parse_job_settings(text)


def test_a_taste_is_looked_for_when_the_job_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not there, or damaged, is refused with its name; one that is there is asked."""
    monkeypatch.setenv("AUTOCULL_TASTES", str(tmp_path / "tastes"))
    with daemon(tmp_path, no_workers, running=False) as opened:
        order = {"photos": [], "taste": "mine"}
        refused = opened.post("/v1/jobs", order)
        assert (refused.status_code, code(refused)) == (422, "bad_settings")
        assert "'mine'" in refused.get_json()["error"]["message"]
        open_profile_store().save(profile(name="mine"))
        assert opened.post("/v1/jobs", order).status_code == 202
        open_profile_store().profile_path("mine").write_text("damaged", "utf-8")
        refused = opened.post("/v1/jobs", order)
        assert (refused.status_code, code(refused)) == (422, "bad_settings")
    assert JobSettings(settings=Settings()).load_profile() is None
