"""What requests accept and what responses contain, in the form of the protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from autocull import __version__
from autocull.errors import SettingsError
from autocull.judge import PROFILES, REASON_TEXTS, Settings
from autocull.judge.shoot_profiles import PROFILE_DESCRIPTIONS
from autocull.serve.http.request_models import JobBody
from autocull.serve.http.responses import format_timestamp
from autocull.serve.jobs import open_profile_store
from autocull.serve.jobs.job_settings import parse_job_settings
from support.job_fixtures import HEADERS, Daemon, error_code, fail_if_started, open_daemon


@pytest.fixture
def idle_daemon(tmp_path: Path) -> Iterator[Daemon]:
    """Open a daemon whose runner is not started."""
    with open_daemon(tmp_path, fail_if_started, running=False) as daemon:
        yield daemon


def test_status_reports_version_state_and_models(idle_daemon: Daemon) -> None:
    """Version, process, state and models are as documented."""
    status = idle_daemon.get("/v1/status").get_json()
    assert status["version"] == __version__
    assert (status["product"], status["protocol"], status["state"], status["job"]) == (
        "autocull",
        1,
        "idle",
        None,
    )
    assert status["uptime_s"] >= 0
    assert set(status["models"]) >= {"focus", "eyes"}


def test_settings_lists_every_choice(idle_daemon: Daemon) -> None:
    """Every profile, setting and reason has texts; the defaults are those of the judge."""
    content = idle_daemon.get("/v1/settings").get_json()
    assert (
        [profile["name"] for profile in content["profiles"]] == list(PROFILES) == list(PROFILE_DESCRIPTIONS)
    )
    assert [reason["code"] for reason in content["reasons"]] == list(REASON_TEXTS)
    assert {setting["name"] for setting in content["settings"]} == set(Settings.model_fields) - {"marks"}
    for setting in content["settings"]:
        for profile, value in setting["default"].items():
            assert getattr(PROFILES[profile], setting["name"]) == value
        if setting["choices"] is None:
            assert all(
                setting["minimum"] <= value <= setting["maximum"] for value in setting["default"].values()
            )
        else:
            assert set(setting["default"].values()) <= set(setting["choices"])
    assert [row["stars"] for row in content["marks"]][:4] == [4, 3, 2, 1]


def test_users_settings_file_applies_to_jobs_and_the_request_wins(
    idle_daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is read for each request: its defaults are listed, a wrong one is refused with its reason."""
    file = tmp_path / "settings.toml"
    for module in ("http.request_models", "routes.settings"):
        monkeypatch.setattr(f"autocull.serve.{module}.user_settings_file", lambda: file)
    file.write_text("eyes_reject = 0.11\nflare_doubt = 0.3\n")
    listed = idle_daemon.request("GET", "/v1/settings").json
    defaults = {setting["name"]: setting["default"] for setting in listed["settings"]}
    assert set(defaults["eyes_reject"].values()) == {0.11}
    body = JobBody.model_validate(
        {"photos": [{"id": "1", "path": "/a.jpg"}], "profile": "event", "settings": {"eyes_reject": 0.05}}
    )
    settings = parse_job_settings(body.to_job_request().settings).settings
    assert (settings.eyes_reject, settings.flare_doubt) == (0.05, 0.3)
    file.write_text("eyes_reject = 7")
    with pytest.raises(SettingsError, match="eyes_reject is 7"):
        body.to_job_request()


def test_settings_lists_the_learned_tastes(
    idle_daemon: Daemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names that a job accepts as its taste; none where nothing was learned."""
    monkeypatch.setenv("AUTOCULL_TASTES", str(tmp_path))
    assert idle_daemon.get("/v1/settings").get_json()["tastes"] == []
    (tmp_path / "Weddings.json").write_text("{}", "utf-8")
    assert (
        idle_daemon.get("/v1/settings").get_json()["tastes"]
        == open_profile_store().list_names()
        == ["Weddings"]
    )


def test_every_listed_setting_is_accepted(idle_daemon: Daemon) -> None:
    """A job accepts both ends of the range and every choice that `/v1/settings` lists."""
    for setting in idle_daemon.get("/v1/settings").get_json()["settings"]:
        for value in setting["choices"] or [setting["minimum"], setting["maximum"]]:
            idle_daemon.submit(settings={setting["name"]: value})


def test_job_returns_its_fields(idle_daemon: Daemon) -> None:
    """The fields of the request come back; before any photo is done, rate and time left are null."""
    job = idle_daemon.submit(
        "/a.jpg", "/b.jpg", catalog="C", source="import", purpose="look", profile="sports", more=True
    )
    content = idle_daemon.get(f"/v1/jobs/{job}").get_json()
    assert content == idle_daemon.get("/v1/jobs").get_json()["jobs"][0]
    assert content.pop("created").endswith("Z")
    assert content == {
        "id": job, "catalog": "C", "source": "import", "purpose": "look", "profile": "sports",
        "state": "waiting",
        "more": True, "total": 2, "done": 0, "rate": None, "seconds_left": None, "errors": 0,
        "verdicts": {"keep": 0, "reject": 0, "cannot_tell": 0}, "reasons": {},
        "message": None, "problem": None,
    }  # fmt: skip


def test_capture_data_and_marks_are_stored_with_the_photo(idle_daemon: Daemon) -> None:
    """Null fields are left out."""
    photo = {
        "id": "1", "path": "/a", "fallback": None, "capture": {"time": "2026-05-01T10:00:00.25", "iso": 400},
        "marks": {"rating": None, "label": "none", "flag": 0},
    }  # fmt: skip
    job = idle_daemon.post("/v1/jobs", {"photos": [photo, {"id": "2", "path": "/b"}]}).get_json()["id"]
    first, second = (photo for _, photo in idle_daemon.queue.list_pending(job, 0, 9))
    assert json.loads(first.facts or "") == {
        "capture": {"time": "2026-05-01T10:00:00.25", "iso": 400.0}, "marks": {"label": "none", "flag": 0},
    }  # fmt: skip
    assert second.facts is None


def test_journal_is_written_listed_read_and_undone(idle_daemon: Daemon) -> None:
    """An absent field stays absent and does not become null."""
    job = idle_daemon.submit(catalog="C")
    entries = [
        {"id": str(number), "before": {"rating": None}, "after": {"rating": 3, "flag": 1}}
        for number in range(5)
    ]
    assert idle_daemon.post(f"/v1/jobs/{job}/journal", {"entries": entries}).get_json() == {
        "id": job,
        "entries": 5,
    }
    [head] = idle_daemon.get("/v1/journals?catalog=C&limit=5").get_json()["journals"]
    assert (head["id"], head["entries"], head["undone"]) == (job, 5, None)
    assert idle_daemon.get("/v1/journals?catalog=D").get_json()["journals"] == []
    page = idle_daemon.get(f"/v1/journals/{job}/entries?limit=3").get_json()
    assert (page["next"], page["complete"]) == (3, False)
    assert page["entries"][0] == {"number": 1, **entries[0]}
    assert idle_daemon.get(f"/v1/journals/{job}/entries?after=3").get_json()["complete"]
    assert idle_daemon.post(f"/v1/journals/{job}/undone").get_json()["undone"].endswith("Z")
    assert error_code(idle_daemon.post(f"/v1/jobs/{job}/journal", {"entries": entries})) == "wrong_state"


def test_shutdown_may_be_requested_twice(idle_daemon: Daemon) -> None:
    """Each request is passed on, and answered at once."""
    answer = idle_daemon.post("/v1/shutdown")
    assert (answer.status_code, answer.get_json()) == (202, {"stopping": True})
    assert idle_daemon.post("/v1/shutdown", {}).status_code == 202
    assert idle_daemon.stop_count == 2


@pytest.mark.parametrize(
    "address", ["/v1/shutdown", "/v1/jobs/1/cancel", "/v1/jobs/1/acknowledge", "/v1/journals/1/undone"]
)
@pytest.mark.parametrize("body", [None, [], 0, "", {"a": 1}])
def test_unexpected_body_or_parameters_are_refused(idle_daemon: Daemon, address: str, body: object) -> None:
    """Only no body or `{}` is accepted, and no query parameters."""
    answer = idle_daemon.client.post(
        address, headers=HEADERS, data=json.dumps(body), content_type="application/json"
    )
    assert error_code(answer) == "bad_request"
    assert error_code(idle_daemon.post(f"{address}?x=1")) == "bad_request"
    assert idle_daemon.stop_count == 0


@pytest.mark.parametrize("address", ["/ping", "/v1/jobs", "/v1/jobs/1/results", "/v1/journals"])
def test_get_with_body_is_refused(idle_daemon: Daemon, address: str) -> None:
    """The body would be lost silently."""
    assert error_code(idle_daemon.request("GET", address, json={"photos": []})) == "bad_request"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"), (1_800_000_000.99, "2027-01-15T08:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
        (32_503_680_000, "3000-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_times_are_iso_8601_in_utc(seconds: float, text: str) -> None:
    """On every system, also before 1970 and after 2038."""
    assert format_timestamp(seconds) == text
