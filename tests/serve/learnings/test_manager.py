"""Learnings over the protocol: decisions in parts, a fake training process, and its result."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autocull.errors import RequestError
from autocull.serve.learnings import manager as module
from autocull.serve.learnings.manager import Learnings
from autocull.serve.learnings.model import Learning, LearningDecision
from autocull.serve.process.launch_command import learn_command
from support.job_fixtures import Daemon, error_code, fail_if_started, open_daemon, wait_until

ECHO = """
import json, os, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
print("TensorFlow was here", file=sys.stderr)
print(json.dumps({"done": 2, "total": 3, "rate": 1.0, "seconds_left": 1.0}), file=sys.stderr)
print(json.dumps({"state": "learned", "acts": True,
                  "message": f"{sys.argv[2]}: {len(lines)} {lines[0]['path']}",
                  "promised": {"share": 0.02, "confidence": 0.95, "limit": 0.01, "selects": 2, "lost": 0},
                  "report": str(oct(os.stat(os.path.dirname(sys.argv[1])).st_mode & 0o777))}))
"""
SLEEP = "import time; time.sleep(600)"
FAIL = """
import sys
print('Error: There are too few.', file=sys.stderr)
print('{"done": 1, "total": 3}', file=sys.stderr)
sys.exit(1)
"""
NOISE = """
import json, sys
for _ in range(5000):
    print("noise " * 20, file=sys.stderr)
print(json.dumps({"done": 7, "total": 9}), file=sys.stderr, flush=True)
"""
SELECTED = {"path": "/Größe/1.NEF", "shoot": "Hochzeit", "decision": "select"}
REJECTED = {"path": "/a/2.NEF", "decision": "reject"}


def script_command(script: str) -> Callable[[Path, str], list[str]]:
    """Return the builder of a command that runs a script."""
    return lambda file, name: [sys.executable, "-c", script, str(file), name]


@pytest.fixture
def start_daemon(tmp_path: Path) -> Iterator[Callable[[str], Daemon]]:
    """Open daemons whose learnings run a script."""
    contexts = []

    def make(script: str) -> Daemon:
        context = open_daemon(tmp_path, fail_if_started, running=False, learn=script_command(script))
        contexts.append(context)
        return context.__enter__()

    yield make
    for context in contexts:
        context.__exit__(None, None, None)


def create_learning(daemon: Daemon, *decisions: dict[str, Any], **more: Any) -> str:
    """Send decisions, and return the learning's id."""
    answer = daemon.post("/v1/learnings", {"name": "mine", "decisions": list(decisions), **more})
    assert answer.status_code == 202, answer.json
    return str(answer.get_json()["id"])


def wait_for_end(daemon: Daemon, learning: str) -> dict[str, Any]:
    """Wait for a learning's end."""

    def find_end() -> dict[str, Any] | None:
        content = daemon.get(f"/v1/learnings/{learning}").get_json()
        return None if content["state"] in ("open", "running") else content

    return dict(wait_until(find_end, "the learning's end"))


def test_process_receives_decisions_and_returns_a_result(start_daemon: Callable[[str], Daemon]) -> None:
    """In parts, in order, byte for byte; the folder is private to the user."""
    daemon = start_daemon(ECHO)
    learning = create_learning(daemon, SELECTED, REJECTED, more=True)
    content = daemon.get(f"/v1/learnings/{learning}").get_json()
    assert (content["state"], content["decisions"], content["selects"], content["message"]) == (
        "open",
        2,
        1,
        None,
    )
    last = daemon.post(f"/v1/learnings/{learning}/decisions", {"decisions": [SELECTED]}).get_json()
    assert last["decisions"] == 3
    content = wait_for_end(daemon, learning)
    assert (content["state"], content["name"], content["selects"], content["acts"]) == (
        "done",
        "mine",
        2,
        True,
    )
    assert content["message"] == "mine: 3 /Größe/1.NEF"
    assert content["promise"] == {"share": 0.02, "confidence": 0.95, "limit": 0.01, "selects": 2, "lost": 0}
    assert (content["measured"], content["total"]) == (2, 3)
    if sys.platform != "win32":
        assert content["report"] == "0o700"


def test_decisions_are_deleted_at_the_end(start_daemon: Callable[[str], Daemon], tmp_path: Path) -> None:
    """After success, failure and cancellation: they name the photographer's photos."""
    record = tmp_path / "seen"
    note = f"import sys; open({str(record)!r}, 'a').write(sys.argv[1] + chr(10));"
    for number, script in enumerate((note + ECHO, note + FAIL)):
        wait_for_end(daemon := start_daemon(script), create_learning(daemon, SELECTED))
        assert len(record.read_text("utf-8").splitlines()) == number + 1
    daemon = start_daemon(note + SLEEP)
    learning = create_learning(daemon, SELECTED)
    wait_until(lambda: len(record.read_text("utf-8").splitlines()) == 3, "the third process")
    daemon.post(f"/v1/learnings/{learning}/cancel")
    assert not any(Path(line).exists() for line in record.read_text("utf-8").splitlines())


def test_failure_is_reported(start_daemon: Callable[[str], Daemon]) -> None:
    """With the error message of the command."""
    content = wait_for_end(daemon := start_daemon(FAIL), create_learning(daemon, REJECTED))
    assert (content["state"], content["message"], content["acts"]) == ("failed", "There are too few.", None)


def test_unstartable_process_is_reported(tmp_path: Path) -> None:
    """And the next learning may start."""
    learnings = Learnings(lambda file, name: [str(tmp_path / "no such program")], tmp_path)
    learning = learnings.create("mine", [LearningDecision("/a", None, "select")], more=False)
    wait_until(lambda: not learnings.get(learning.id).live, "its end")
    ended_learning = learnings.get(learning.id)
    assert ended_learning.state == "failed"
    assert ended_learning.result is not None
    assert "could not be started" in ended_learning.result.message
    assert learnings.create("mine", [], more=True).state == "open"
    learnings.stop()


def test_progress_is_reported_meanwhile(start_daemon: Callable[[str], Daemon]) -> None:
    """Much output on standard error neither blocks the process nor fills the memory."""
    daemon = start_daemon(NOISE + SLEEP)
    learning = create_learning(daemon, SELECTED)

    def find_end() -> bool:
        content = daemon.get(f"/v1/learnings/{learning}").get_json()
        return (content["measured"], content["total"]) == (7, 9)

    wait_until(find_end, "the progress")


def test_learnings_run_one_at_a_time(start_daemon: Callable[[str], Daemon]) -> None:
    """A second one is refused until the first is cancelled; an open one gives way."""
    daemon = start_daemon(SLEEP)
    abandoned = create_learning(daemon, SELECTED, more=True)
    first = create_learning(daemon, SELECTED)
    assert daemon.get(f"/v1/learnings/{abandoned}").get_json()["state"] == "cancelled"
    refused = daemon.post("/v1/learnings", {"name": "other", "decisions": []})
    assert (refused.status_code, error_code(refused)) == (409, "wrong_state")
    assert daemon.post(f"/v1/learnings/{first}/cancel").get_json()["state"] == "cancelled"
    assert daemon.post(f"/v1/learnings/{first}/cancel").get_json()["state"] == "cancelled"
    create_learning(daemon, SELECTED)


def test_ended_learning_accepts_no_decisions(start_daemon: Callable[[str], Daemon]) -> None:
    """The request is refused as `wrong_state`."""
    daemon = start_daemon(ECHO)
    learning = create_learning(daemon, SELECTED)
    wait_for_end(daemon, learning)
    late = daemon.post(f"/v1/learnings/{learning}/decisions", {"decisions": [REJECTED]})
    assert (late.status_code, error_code(late)) == (409, "wrong_state")


def test_unknown_learning_is_reported(start_daemon: Callable[[str], Daemon]) -> None:
    """As after a restart of the daemon."""
    daemon = start_daemon(ECHO)
    for method, rest in (("GET", ""), ("POST", "/cancel"), ("POST", "/decisions")):
        body = {"json": {"decisions": []}} if rest == "/decisions" else {}
        answer = daemon.request(method, f"/v1/learnings/none{rest}", **body)
        assert (answer.status_code, error_code(answer)) == (404, "unknown_learning")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 41},
        {"decisions": [{**SELECTED, "decision": "maybe"}]},
        {"decisions": [{"path": "", "decision": "select"}]},
        {"decisions": [REJECTED] * 1001},
        {"profile": "mine"},
    ],
    ids=str,
)
def test_invalid_decisions_are_refused(start_daemon: Callable[[str], Daemon], wrong: dict[str, Any]) -> None:
    """Before any of them is stored."""
    answer = start_daemon(ECHO).post("/v1/learnings", {"name": "mine", "decisions": [], **wrong})
    assert (answer.status_code, error_code(answer)) == (400, "bad_request")


def test_number_of_decisions_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that never stops sending cannot fill the disk."""
    monkeypatch.setattr(module, "MAX_DECISIONS", 3)
    learnings = Learnings(script_command(ECHO), tmp_path)
    learning = learnings.create("mine", [LearningDecision("/a", None, "select")] * 3, more=True)
    with pytest.raises(RequestError, match="at most 3"):
        learnings.add(learning.id, [LearningDecision("/a", None, "select")], more=False)
    learnings.stop()


def test_only_the_last_learnings_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory does not grow."""
    monkeypatch.setattr(module, "MAX_KEPT", 2)
    learnings = Learnings(script_command(ECHO), tmp_path)
    created: list[Learning] = []
    for _ in range(3):
        created.append(learnings.create("mine", [LearningDecision("/a", None, "select")], more=False))
        wait_until(lambda: not learnings.get(created[-1].id).live, "its end")
    with pytest.raises(RequestError):
        learnings.get(created[0].id)
    assert learnings.get(created[1].id).state == "done"
    learnings.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="asking for a process ends it there")
def test_stopping_ends_the_process(tmp_path: Path) -> None:
    """A daemon that stops leaves no training process behind."""
    pid = tmp_path / "pid"
    script = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    learnings = Learnings(script_command(script), tmp_path)
    learning = learnings.create("mine", [LearningDecision("/a", None, "select")], more=False)
    wait_until(lambda: pid.exists() and pid.read_text(), "the process")
    learnings.stop()
    assert learnings.get(learning.id).state == "cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_decisions_of_a_killed_daemon_are_deleted(tmp_path: Path) -> None:
    """At the next start; they are private as long as they are there."""
    killed = Learnings(script_command(ECHO), tmp_path)
    killed.create("mine", [LearningDecision("/a", None, "select")], more=True)
    [folder] = (tmp_path / module.LEARNINGS_FOLDER).iterdir()
    assert (folder / "decisions.jsonl").read_text().count("/a") == 1
    if sys.platform != "win32":
        assert [path.stat().st_mode & 0o077 for path in (folder, folder.parent)] == [0, 0]
    again = Learnings(script_command(ECHO), tmp_path)  # the first one is not stopped, as by kill -9
    assert not folder.exists()
    learning = again.create("mine", [LearningDecision("/a", None, "select")], more=False)
    wait_until(lambda: not again.get(learning.id).live, "its end")
    assert again.get(learning.id).state == "done"
    again.stop()
    assert list((tmp_path / module.LEARNINGS_FOLDER).iterdir()) == []
    folder.mkdir()  # where the first one, which still lives here, deletes it
    killed.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="links need special rights on Windows")
def test_planted_link_is_not_followed(tmp_path: Path) -> None:
    """Neither when leftovers are deleted, nor when decisions are written."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "photo.jpg").touch()
    (tmp_path / module.LEARNINGS_FOLDER).symlink_to(elsewhere)
    learnings = Learnings(script_command(ECHO), tmp_path)
    learnings.create("mine", [LearningDecision("/a", None, "select")], more=True)
    assert [path.name for path in elsewhere.iterdir()] == ["photo.jpg"]
    assert not (tmp_path / module.LEARNINGS_FOLDER).is_symlink()
    learnings.stop()


def test_learn_command_is_safe_for_any_name() -> None:
    """A name that begins like an option is not taken for one."""
    command = learn_command(Path("/tmp/x.jsonl"), "--help")
    assert command[1:4] == ["-P", "-m", "autocull"]
    assert command[4:6] == ["learn", f"--decisions={Path('/tmp/x.jsonl')}"]
    assert command[6:] == ["--name=--help", "--json", "--progress=json"]
    assert json.dumps(command)


def test_real_command_reports_too_few_decisions(tmp_path: Path) -> None:
    """With the message of `autocull learn`."""
    with open_daemon(tmp_path, fail_if_started, running=False, learn=learn_command) as daemon:
        content = wait_for_end(daemon, create_learning(daemon, SELECTED, REJECTED))
    assert content["state"] == "failed"
    assert content["message"].startswith("Nothing was learned: there are only 2 decisions")
