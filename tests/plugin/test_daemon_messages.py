"""What the daemon reports: in Lightroom's language, by code and parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plugin.fake_daemon import DaemonRequest, FakeDaemon, Response, verdict
from plugin.german import english_words, shown
from plugin.host import Host
from plugin.literal_files import ROOT
from plugin.shoots import choose, cull, last_report, menu, shoot

ENGLISH = "Something is wrong with the request, and this is the reason."
CULL = "Auswahl automatisch sichten"
DOCUMENTED = [
    ("stopping", {}),
    ("store", {}),
    ("store", {"reason": "unusable"}),
    ("store", {"reason": "damaged"}),
    ("store", {"reason": "other_program"}),
    ("internal", {}),
    ("failed", {}),
    ("unknown_job", {}),
    ("unknown_journal", {}),
    ("unknown_learning", {}),
    ("wrong_state", {"reason": "job_closed", "state": "done"}),
    ("wrong_state", {"reason": "job_not_ended"}),
    ("wrong_state", {"reason": "journal_undone"}),
    ("wrong_state", {"reason": "learning_running"}),
    ("wrong_state", {"reason": "learning_closed", "state": "done"}),
    ("bad_request", {"reason": "decisions", "maximum": 200_000}),
    ("bad_settings", {}),
    ("bad_settings", {"reason": "unknown_taste", "taste": "Hochzeit"}),
    ("bad_settings", {"reason": "damaged_taste", "taste": "Hochzeit"}),
    ("bad_settings", {"reason": "other_version"}),
    ("model", {"model": "eyes"}),
    ("too_few_decisions", {"decisions": 20, "selects": 3, "rejects": 17, "needed_decisions": 200}),
    ("not_compared", {"photos": 3}),
    ("too_few_shoots", {"shoots": 1, "needed_shoots": 3}),
    ("ended", {"status": -9}),
    ("not_started", {}),
    ("later_code", {"more": "values"}),
]


def text(host: Host, problem: dict[str, Any]) -> str:
    """What the plug-in shows for a problem of the daemon."""
    decoded = f"require('Json').decode([==[{json.dumps(problem)}]==])"
    return str(host.lua_task(f"return require('DaemonMessages').text({decoded})"))


@pytest.mark.parametrize(("code", "parameters"), DOCUMENTED)
def test_every_problem_is_german_in_a_german_lightroom(
    german_host: Host, code: str, parameters: dict[str, Any]
) -> None:
    """With the values of its parameters; the English message is in the log."""
    shown_text = text(german_host, {"code": code, "message": ENGLISH, "parameters": parameters})
    assert english_words(shown_text) == set()
    assert "Autocull" in shown_text or len(shown_text.split()) >= 3
    for name, value in parameters.items():
        if name in ("taste", "model", "maximum", "decisions", "shoots", "needed_shoots"):
            assert str(value) in shown_text
    assert any(ENGLISH in words for _, _, words in german_host.log)


def test_english_lightroom_shows_the_daemons_message(host: Host) -> None:
    """It has more detail; without one, the code's text."""
    assert text(host, {"code": "store", "message": ENGLISH}) == ENGLISH
    assert "database" in text(host, {"code": "store"})


def test_missing_parameters_are_no_error(german_host: Host) -> None:
    """A daemon that sends none, or others."""
    assert "Es sind ? Entscheidungen" in text(german_host, {"code": "too_few_decisions"})
    assert text(german_host, {"code": "model", "parameters": "none"}).startswith("Ein Netz fehlt")


def refuse(status: int, code: str) -> Callable[[FakeDaemon], None]:
    """Let the daemon refuse each job."""

    def act(daemon: FakeDaemon) -> None:
        error = {"error": {"code": code, "message": ENGLISH, "parameters": {}}}
        daemon.on_request = lambda request: (status, error) if request.path == "/v1/jobs" else None

    return act


def fail_job(**problem: Any) -> Callable[[FakeDaemon], None]:
    """Let each job fail, with a problem or with a message only."""

    def act(daemon: FakeDaemon) -> None:
        def respond(request: DaemonRequest) -> Response | None:
            if not daemon.jobs:
                return None
            daemon.job.state, daemon.job.message = "failed", ENGLISH
            if request.path == "/v1/jobs/job-1" and problem:
                return 200, {"id": "job-1", "state": "failed", "total": 1, "done": 0, "problem": problem}
            return None

        daemon.on_request = respond

    return act


def answer(path: str, body: dict[str, Any]) -> Callable[[FakeDaemon], None]:
    """Let the daemon answer nonsense to requests of this path."""

    def act(daemon: FakeDaemon) -> None:
        daemon.on_request = lambda request: (200, body) if path in request.path else None

    return act


def judge(**wrong: Any) -> Callable[[FakeDaemon], None]:
    """Let the daemon send invalid results."""

    def act(daemon: FakeDaemon) -> None:
        daemon.judge = lambda photo: verdict(**wrong)

    return act


def unreadable_launcher(daemon: FakeDaemon) -> None:
    """The daemon is gone, and its launcher cannot be used."""
    daemon.die(clean=True)
    daemon.launcher(program="/opt/\nbad")


FAULTS = {
    "refused settings": refuse(422, "bad_settings"),
    "full disk": refuse(507, "internal"),
    "problem": fail_job(code="model", message=ENGLISH, parameters={"model": "eyes"}),
    "message only": fail_job(),
    "no page": answer("/results", {"results": [], "next": -1, "complete": False}),
    "no id": answer("/v1/jobs", {"total": 3}),
    "no status": answer("/v1/status", {"version": "9"}),
    "invalid result": judge(rating=7),
    "no daemon": lambda daemon: daemon.die(clean=True),
    "bad launcher": unreadable_launcher,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_fault_shows_an_english_sentence(
    german_host: Host, daemon: FakeDaemon, tmp_path: Path, fault: str
) -> None:
    """Neither in dialogs nor in the report; something is shown each time."""
    shoot(german_host, tmp_path, 2)
    FAULTS[fault](daemon)
    menu(german_host, CULL)
    last_report(german_host)
    assert shown(german_host)


def test_failed_learning_is_german(german_host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Why nothing was learned, from the code."""
    few = {"decisions": 20, "selects": 3, "rejects": 17, "needed_decisions": 200, "needed_of_each": 20}
    daemon.learning_result = {
        "state": "failed",
        "message": ENGLISH,
        "problem": {"code": "too_few_decisions", "message": ENGLISH, "parameters": few},
    }
    shoot(german_host, tmp_path, 2, flag=1)
    german_host.answer_dialog("Name dieses Geschmacks", "Lernen")
    menu(german_host, "Aus meiner Auswahl lernen…")
    assert "nötig sind 200, und 20 von jeder Art" in last_report(german_host).text


def test_english_words_are_detected() -> None:
    """The check above finds a sentence, and neither names of files nor German ones."""
    assert english_words(ENGLISH) >= {"the", "with", "is"}
    assert english_words("Das ist die Auswahl: Dateien wie /home/the/of.jpg und „autocull doctor“") == set()


@pytest.mark.parametrize("setting", ["collections", "keywords"])
def test_collections_and_keywords_wait_for_a_busy_catalog(host: Host, tmp_path: Path, setting: str) -> None:
    """For minutes, as the marks do, which are written before."""
    choose(host, **{setting: True})
    photos = shoot(host, tmp_path, 3)
    held: list[str] = []

    def hold(name: str) -> None:
        if name == "Auto-cull" and photos[0].flag == 1 and not held:
            held.append(name)
            host.catalog.hold_gate(400)

    host.before_gate(hold)
    assert "Auto-cull is done" in cull(host).text
    assert held == ["Auto-cull"]
    assert (host.catalog.collections if setting == "collections" else host.catalog.keywords) != {}


def test_every_documented_code_and_reason_is_tested_above() -> None:
    """The tables of docs/protocol.md list what a photographer may read (not the errors of a photo)."""
    section = (ROOT / "docs/protocol.md").read_text("utf-8").split("## Texts in another language\n", 1)[1]
    rows = [line.strip("|").split("|") for line in section.split("\n## ", 1)[0].splitlines() if "`" in line]
    first = next(number for number, row in enumerate(rows) if "problem" in row[0])
    second = next(number for number, row in enumerate(rows) if row[0].strip() == "`wrong_state`")
    codes = {code for row in rows[first:second] for code in re.findall(r"`(\w+)`", row[1])}
    reasons = {code for row in rows[second:] for code in re.findall(r"`(\w+)`", row[1])}
    assert codes >= {"model", "too_few_shoots", "stopping"}
    assert reasons >= {"job_closed", "other_version"}
    assert codes - {"reason"} <= {code for code, _ in DOCUMENTED}
    assert reasons <= {str(parameters.get("reason")) for _, parameters in DOCUMENTED}
