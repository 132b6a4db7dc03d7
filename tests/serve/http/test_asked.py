"""What requests ask for and what answers say, in the shape of the protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from autocull import __version__
from autocull.judge import PROFILES, REASON_TEXTS, Settings
from autocull.judge.category_presets import PROFILE_DESCRIPTIONS
from autocull.serve.http.responses import format_timestamp
from support.job_fixtures import HEADERS, Daemon, code, daemon, no_workers


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Daemon]:
    """Open a daemon whose runner does nothing."""
    with daemon(tmp_path, no_workers, running=False) as opened:
        yield opened


def test_status_says_what_is_running(quiet: Daemon) -> None:
    """Version, process, state and models, all as documented."""
    status = quiet.get("/v1/status").get_json()
    assert status["version"] == __version__
    assert (status["product"], status["protocol"], status["state"], status["job"]) == (
        "autocull",
        1,
        "idle",
        None,
    )
    assert status["uptime_s"] >= 0
    assert set(status["models"]) >= {"focus", "eyes"}


def test_settings_lists_all_there_is_to_choose(quiet: Daemon) -> None:
    """Every profile, setting and reason with words; defaults are those that judge."""
    told = quiet.get("/v1/settings").get_json()
    assert [profile["name"] for profile in told["profiles"]] == list(PROFILES) == list(PROFILE_DESCRIPTIONS)
    assert [reason["code"] for reason in told["reasons"]] == list(REASON_TEXTS)
    assert {setting["name"] for setting in told["settings"]} == set(Settings.model_fields) - {"marks"}
    for setting in told["settings"]:
        for profile, value in setting["default"].items():
            assert getattr(PROFILES[profile], setting["name"]) == value
        if setting["choices"] is None:
            assert all(
                setting["minimum"] <= value <= setting["maximum"] for value in setting["default"].values()
            )
        else:
            assert set(setting["default"].values()) <= set(setting["choices"])
    assert [row["stars"] for row in told["marks"]][:4] == [4, 3, 2, 1]


def test_each_setting_that_is_told_is_taken(quiet: Daemon) -> None:
    """What `/v1/settings` offers, a job accepts, at both ends of the range and for every choice."""
    for setting in quiet.get("/v1/settings").get_json()["settings"]:
        for value in setting["choices"] or [setting["minimum"], setting["maximum"]]:
            quiet.submit(settings={setting["name"]: value})


def test_a_job_tells_what_it_was_sent(quiet: Daemon) -> None:
    """Its fields come back; before anything is done rate and time left are unknown."""
    job = quiet.submit(
        "/a.jpg", "/b.jpg", catalog="C", source="import", purpose="look", profile="sports", more=True
    )
    told = quiet.get(f"/v1/jobs/{job}").get_json()
    assert told == quiet.get("/v1/jobs").get_json()["jobs"][0]
    assert told.pop("created").endswith("Z")
    assert told == {
        "id": job, "catalog": "C", "source": "import", "purpose": "look", "profile": "sports",
        "state": "waiting",
        "more": True, "total": 2, "done": 0, "rate": None, "seconds_left": None, "errors": 0,
        "verdicts": {"keep": 0, "reject": 0, "cannot_tell": 0}, "reasons": {}, "message": None,
    }  # fmt: skip


def test_what_the_catalog_knows_is_kept_with_the_photo(quiet: Daemon) -> None:
    """Capture facts and marks are in the job for what will need them; unknown ones are left out."""
    photo = {
        "id": "1", "path": "/a", "fallback": None, "capture": {"time": "2026-05-01T10:00:00.25", "iso": 400},
        "marks": {"rating": None, "label": "none", "flag": 0},
    }  # fmt: skip
    job = quiet.post("/v1/jobs", {"photos": [photo, {"id": "2", "path": "/b"}]}).get_json()["id"]
    first, second = (photo for _, photo in quiet.jobs.queue.list_pending(job, 0, 9))
    assert json.loads(first.facts or "") == {
        "capture": {"time": "2026-05-01T10:00:00.25", "iso": 400.0}, "marks": {"label": "none", "flag": 0},
    }  # fmt: skip
    assert second.facts is None


def test_a_journal_goes_all_the_way(quiet: Daemon) -> None:
    """Written with the job, listed by catalog, read in pages, noted as undone; left out is not null."""
    job = quiet.submit(catalog="C")
    entries = [
        {"id": str(number), "before": {"rating": None}, "after": {"rating": 3, "flag": 1}}
        for number in range(5)
    ]
    assert quiet.post(f"/v1/jobs/{job}/journal", {"entries": entries}).get_json() == {"id": job, "entries": 5}
    [head] = quiet.get("/v1/journals?catalog=C&limit=5").get_json()["journals"]
    assert (head["id"], head["entries"], head["undone"]) == (job, 5, None)
    assert quiet.get("/v1/journals?catalog=D").get_json()["journals"] == []
    page = quiet.get(f"/v1/journals/{job}/entries?limit=3").get_json()
    assert (page["next"], page["complete"]) == (3, False)
    assert page["entries"][0] == {"number": 1, **entries[0]}
    assert quiet.get(f"/v1/journals/{job}/entries?after=3").get_json()["complete"]
    assert quiet.post(f"/v1/journals/{job}/undone").get_json()["undone"].endswith("Z")
    assert code(quiet.post(f"/v1/jobs/{job}/journal", {"entries": entries})) == "wrong_state"


def test_ending_is_asked_for_once_more_or_not(quiet: Daemon) -> None:
    """Each request to end is passed on, and answered at once."""
    answer = quiet.post("/v1/shutdown")
    assert (answer.status_code, answer.get_json()) == (202, {"stopping": True})
    assert quiet.post("/v1/shutdown", {}).status_code == 202
    assert quiet.stops == 2


@pytest.mark.parametrize(
    "address", ["/v1/shutdown", "/v1/jobs/1/cancel", "/v1/jobs/1/acknowledge", "/v1/journals/1/undone"]
)
@pytest.mark.parametrize("body", [None, [], 0, "", {"a": 1}])
def test_what_takes_no_body_refuses_one(quiet: Daemon, address: str, body: object) -> None:
    """Nothing or an empty object, and no parameters; everything else is a mistake of the sender."""
    answer = quiet.client.post(
        address, headers=HEADERS, data=json.dumps(body), content_type="application/json"
    )
    assert code(answer) == "bad_request"
    assert code(quiet.post(f"{address}?x=1")) == "bad_request"
    assert quiet.stops == 0


@pytest.mark.parametrize("address", ["/ping", "/v1/jobs", "/v1/jobs/1/results", "/v1/journals"])
def test_a_get_has_no_body(quiet: Daemon, address: str) -> None:
    """What is sent with it would be lost silently, so it is refused."""
    assert code(quiet.ask("GET", address, json={"photos": []})) == "bad_request"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1970-01-01T00:00:00Z"), (1_800_000_000.99, "2027-01-15T08:00:00Z"), (-1, "1969-12-31T23:59:59Z"),
        (32_503_680_000, "3000-01-01T00:00:00Z"),
    ],
)  # fmt: skip
def test_times_are_iso_8601_in_utc(seconds: float, text: str) -> None:
    """Whatever the clock says, on every system, also before 1970 and after 2038."""
    assert format_timestamp(seconds) == text
