"""Learning over the protocol: decisions in pieces, a process that is made up, and what is said at its end."""

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
from support.job_fixtures import Daemon, code, daemon, no_workers, until

ECHO = """
import json, os, sys
lines = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
print("TensorFlow was here", file=sys.stderr)
print("2 of 3 photos · 1.0 photos/s", file=sys.stderr)
print(json.dumps({"state": "learned", "acts": True,
                  "message": f"{sys.argv[2]}: {len(lines)} {lines[0]['path']}",
                  "promised": {"share": 0.02, "confidence": 0.95, "limit": 0.01, "selects": 2, "lost": 0},
                  "report": str(oct(os.stat(os.path.dirname(sys.argv[1])).st_mode & 0o777))}))
"""
SLEEP = "import time; time.sleep(600)"
FAIL = "import sys; print('Error: There are too few.', file=sys.stderr); sys.exit(1)"
PICK = {"path": "/Größe/1.NEF", "shoot": "Hochzeit", "decision": "select"}
WASTE = {"path": "/a/2.NEF", "decision": "reject"}


def running(script: str) -> Callable[[Path, str], list[str]]:
    """Learn by a script."""
    return lambda file, name: [sys.executable, "-c", script, str(file), name]


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Callable[[str], Daemon]]:
    """Open daemons that learn by a script."""
    opened = []

    def make(script: str) -> Daemon:
        context = daemon(tmp_path, no_workers, running=False, learn=running(script))
        opened.append(context)
        return context.__enter__()

    yield make
    for context in opened:
        context.__exit__(None, None, None)


def begin(served: Daemon, *decisions: dict[str, Any], **more: Any) -> str:
    """Send decisions, and return the learning's id."""
    answer = served.post("/v1/learnings", {"name": "mine", "decisions": list(decisions), **more})
    assert answer.status_code == 202, answer.json
    return str(answer.get_json()["id"])


def ended(served: Daemon, learning: str) -> dict[str, Any]:
    """Wait for a learning's end."""

    def look() -> dict[str, Any] | None:
        told = served.get(f"/v1/learnings/{learning}").get_json()
        return None if told["state"] in ("open", "running") else told

    return dict(until(look, "the learning's end"))


def test_decisions_go_to_the_process_and_its_words_come_back(ask: Callable[[str], Daemon]) -> None:
    """In pieces, in their order, byte for byte; the folder is the user's alone."""
    served = ask(ECHO)
    learning = begin(served, PICK, WASTE, more=True)
    told = served.get(f"/v1/learnings/{learning}").get_json()
    assert (told["state"], told["decisions"], told["selects"], told["message"]) == ("open", 2, 1, None)
    last = served.post(f"/v1/learnings/{learning}/decisions", {"decisions": [PICK]}).get_json()
    assert last["decisions"] == 3
    told = ended(served, learning)
    assert (told["state"], told["name"], told["selects"], told["acts"]) == ("done", "mine", 2, True)
    assert told["message"] == "mine: 3 /Größe/1.NEF"
    assert told["promise"] == {"share": 0.02, "confidence": 0.95, "limit": 0.01, "selects": 2, "lost": 0}
    assert (told["measured"], told["total"]) == (2, 3)
    if sys.platform != "win32":
        assert told["report"] == "0o700"


def test_nothing_of_the_decisions_is_left(ask: Callable[[str], Daemon], tmp_path: Path) -> None:
    """Neither where it succeeded, nor where it failed or was cancelled: they name her photos."""
    seen = tmp_path / "seen"
    note = f"import sys; open({str(seen)!r}, 'a').write(sys.argv[1] + chr(10));"
    for number, script in enumerate((note + ECHO, note + FAIL)):
        ended(served := ask(script), begin(served, PICK))
        assert len(seen.read_text("utf-8").splitlines()) == number + 1
    served = ask(note + SLEEP)
    learning = begin(served, PICK)
    until(lambda: len(seen.read_text("utf-8").splitlines()) == 3, "the third process")
    served.post(f"/v1/learnings/{learning}/cancel")
    assert not any(Path(line).exists() for line in seen.read_text("utf-8").splitlines())


def test_a_failure_is_said(ask: Callable[[str], Daemon]) -> None:
    """In the words of the command."""
    told = ended(served := ask(FAIL), begin(served, WASTE))
    assert (told["state"], told["message"], told["acts"]) == ("failed", "There are too few.", None)


def test_a_process_that_cannot_be_started_is_said(tmp_path: Path) -> None:
    """And the next learning may begin."""
    learnings = Learnings(lambda file, name: [str(tmp_path / "no such program")])
    learning = learnings.create("mine", [LearningDecision("/a", None, "select")], more=False)
    until(lambda: not learnings.get(learning.id).live, "its end")
    found = learnings.get(learning.id)
    assert found.state == "failed"
    assert found.result is not None
    assert "could not be started" in found.result.message
    assert learnings.create("mine", [], more=True).state == "open"
    learnings.stop()


def test_how_far_it_is_is_told_meanwhile(ask: Callable[[str], Daemon]) -> None:
    """A process that writes much is not held up, and what it complains of takes no memory."""
    noise = "import sys; [print('noise ' * 20, file=sys.stderr) for _ in range(5000)];"
    served = ask(noise + "print('7 of 9 photos', file=sys.stderr, flush=True);" + SLEEP)
    learning = begin(served, PICK)

    def look() -> bool:
        told = served.get(f"/v1/learnings/{learning}").get_json()
        return (told["measured"], told["total"]) == (7, 9)

    until(look, "the progress")


def test_one_learns_at_a_time(ask: Callable[[str], Daemon]) -> None:
    """A second one is refused until the first is cancelled; one that nobody finished sending gives way."""
    served = ask(SLEEP)
    vanished = begin(served, PICK, more=True)
    first = begin(served, PICK)
    assert served.get(f"/v1/learnings/{vanished}").get_json()["state"] == "cancelled"
    refused = served.post("/v1/learnings", {"name": "other", "decisions": []})
    assert (refused.status_code, code(refused)) == (409, "wrong_state")
    assert served.post(f"/v1/learnings/{first}/cancel").get_json()["state"] == "cancelled"
    assert served.post(f"/v1/learnings/{first}/cancel").get_json()["state"] == "cancelled"
    begin(served, PICK)


def test_what_was_closed_takes_no_more(ask: Callable[[str], Daemon]) -> None:
    """Neither while it learns nor afterwards."""
    served = ask(ECHO)
    learning = begin(served, PICK)
    ended(served, learning)
    late = served.post(f"/v1/learnings/{learning}/decisions", {"decisions": [WASTE]})
    assert (late.status_code, code(late)) == (409, "wrong_state")


def test_an_unknown_learning_is_said_to_be_unknown(ask: Callable[[str], Daemon]) -> None:
    """As after a restart of the daemon."""
    served = ask(ECHO)
    for method, rest in (("GET", ""), ("POST", "/cancel"), ("POST", "/decisions")):
        body = {"json": {"decisions": []}} if rest == "/decisions" else {}
        answer = served.ask(method, f"/v1/learnings/none{rest}", **body)
        assert (answer.status_code, code(answer)) == (404, "unknown_learning")


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 41},
        {"decisions": [{**PICK, "decision": "maybe"}]},
        {"decisions": [{"path": "", "decision": "select"}]},
        {"decisions": [WASTE] * 1001},
        {"profile": "mine"},
    ],
    ids=str,
)
def test_what_is_no_decision_is_refused_by_name(ask: Callable[[str], Daemon], wrong: dict[str, Any]) -> None:
    """Before anything is kept of it."""
    answer = ask(ECHO).post("/v1/learnings", {"name": "mine", "decisions": [], **wrong})
    assert (answer.status_code, code(answer)) == (400, "bad_request")


def test_there_is_an_end_to_decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that never stops sending does not fill the disk."""
    monkeypatch.setattr(module, "MAX_DECISIONS", 3)
    learnings = Learnings(running(ECHO))
    learning = learnings.create("mine", [LearningDecision("/a", None, "select")] * 3, more=True)
    with pytest.raises(RequestError, match="at most 3"):
        learnings.add(learning.id, [LearningDecision("/a", None, "select")], more=False)
    learnings.stop()


def test_only_the_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with what was learned."""
    monkeypatch.setattr(module, "MAX_KEPT", 2)
    learnings = Learnings(running(ECHO))
    made: list[Learning] = []
    for _ in range(3):
        made.append(learnings.create("mine", [LearningDecision("/a", None, "select")], more=False))
        until(lambda: not learnings.get(made[-1].id).live, "its end")
    with pytest.raises(RequestError):
        learnings.get(made[0].id)
    assert learnings.get(made[1].id).state == "done"
    learnings.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="asking for a process ends it there")
def test_stopping_ends_the_process(tmp_path: Path) -> None:
    """A daemon that ends leaves nobody behind who learns on."""
    pid = tmp_path / "pid"
    script = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    learnings = Learnings(running(script))
    learning = learnings.create("mine", [LearningDecision("/a", None, "select")], more=False)
    until(lambda: pid.exists() and pid.read_text(), "the process")
    learnings.stop()
    assert learnings.get(learning.id).state == "cancelled"
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_the_command_is_the_command_lines_own() -> None:
    """A name that begins like an option is none."""
    words = learn_command(Path("/tmp/x.jsonl"), "--help")
    assert words[1:4] == ["-P", "-m", "autocull"]
    assert words[4:] == ["learn", f"--decisions={Path('/tmp/x.jsonl')}", "--name=--help", "--json"]
    assert json.dumps(words)


def test_the_command_line_itself_says_what_is_missing(tmp_path: Path) -> None:
    """No process that is made up: two decisions are too few, in the words of `autocull learn`."""
    with daemon(tmp_path, no_workers, running=False, learn=learn_command) as served:
        told = ended(served, begin(served, PICK, WASTE))
    assert told["state"] == "failed"
    assert told["message"].startswith("Nothing was learned: there are 2 decisions")
