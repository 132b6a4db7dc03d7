"""*Learn from my picks…*: user-set marks are sent to the daemon, and the result is shown and may be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plugin.catalog import Photo
from plugin.dialogs import Dialog
from plugin.fake_daemon import FakeDaemon, problem
from plugin.host import Host
from plugin.literal_files import PLUGIN
from plugin.shoots import UNMARKED, by_number, choose, cull, file, last_report, menu, shoot

ITEM = "Learn from my picks…"
QUESTION = "Only marks that you set yourself count"
PROMISE = {"share": 0.02, "confidence": 0.95, "limit": 0.013, "selects": 130, "lost": 1}


def cull_by_hand(host: Host, folder: Path) -> list[Photo]:
    """Four photos, of which the photographer picked one and rejected two."""
    photos = shoot(host, folder, 4)
    photos[0].flag, photos[1].flag, photos[2].flag = 1, -1, -1
    return photos


def learn(host: Host, name: str = "mine", then: str | None = "Close") -> Dialog:
    """Choose the item, give the taste a name, and return its report; `then` answers what was learned."""
    host.answer_dialog(QUESTION, "Learn", {"name": name})
    bezels = len(host.bezels)
    menu(host, ITEM)
    if then:
        host.answer_dialog("is learned", then)
    return last_report(host) if len(host.bezels) > bezels else host.dialogs[-1]


def test_decisions_are_sent_to_the_daemon(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Path and decision of each, counted in the dialog before; nothing is written to the catalog."""
    photos = cull_by_hand(host, tmp_path)
    before = [photo.marks for photo in photos]
    learn(host, "my weddings")
    request = next(dialog for dialog in host.dialogs if QUESTION in dialog.text)
    assert "1 photos picked and 2 rejected or passed over, among 4" in request.texts
    assert daemon.decisions == [
        {"path": photos[0].path, "decision": "select"}, {"path": photos[1].path, "decision": "reject"},
        {"path": photos[2].path, "decision": "reject"},
    ]  # fmt: skip
    assert [each["name"] for each in daemon.learnings.values()] == ["my weddings"]
    assert [photo.marks for photo in photos] == before
    assert all(scope.is_done for scope in host.progress_scopes)


def test_own_marks_are_not_decisions(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Learning from its own verdicts would only confirm them."""
    daemon.judge = by_number(rejects=5)
    photos = shoot(host, tmp_path, 10)
    cull(host)
    menu(host, ITEM)
    assert "There is nothing to learn from" in host.dialogs[-1].text
    assert daemon.learnings == {}
    photos[1].flag, photos[7].flag = 1, -1
    learn(host)
    decided = {each["path"]: each["decision"] for each in daemon.decisions}
    assert decided == {photos[1].path: "select", photos[7].path: "reject"}


def test_all_shown_photos_count_without_a_selection(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The shown source; videos and virtual copies are left out."""
    photos = cull_by_hand(host, tmp_path)
    host.catalog.add_photo(photos[3].path, copy_of=photos[3], flag=1)
    host.catalog.add_photo(file(tmp_path, 9, "MOV"), flag=1)
    host.select([])
    learn(host)
    assert len(daemon.decisions) == 3


def test_many_decisions_are_sent_in_batches(host: Host, daemon: FakeDaemon) -> None:
    """At most 1,000 at once."""
    photos = [host.catalog.add_photo(f"/s/{n:05}.NEF", flag=1 if n % 9 == 0 else -1) for n in range(2500)]
    host.select(photos)
    learn(host)
    sizes = [
        len(request.body["decisions"])
        for request in daemon.requests
        if request.body and "decisions" in request.body
    ]
    assert sizes == [1000, 1000, 500]
    assert len(daemon.decisions) == 2500


@pytest.mark.parametrize(
    ("learning_result", "words"),
    [
        (
            {"acts": True, "promise": PROMISE},
            "It rejects at most 2.0 % of your selects (sure to 95 %); of those held out 1 of 130.",
        ),
        (
            {"acts": True, "promise": {**PROMISE, "limit": 0}},
            "It rejects nothing yet: 130 picks are too few for a promise.",
        ),
        ({"acts": False, "promise": PROMISE}, "So it only shows how likely you would select a photo"),
    ],
)
def test_result_of_a_learning_is_shown(
    host: Host, daemon: FakeDaemon, tmp_path: Path, learning_result: dict[str, Any], words: str
) -> None:
    """Whether it decides, and its guarantee on wrong rejects."""
    cull_by_hand(host, tmp_path)
    daemon.learning_result = {"state": "done", "message": "Learned.", **learning_result}
    assert words in learn(host).text


def test_learning_ends_without_a_window(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """It may end an hour later, in the middle of other work; the taste is offered with the report."""
    cull_by_hand(host, tmp_path)
    host.answer_dialog(QUESTION, "Learn", {"name": "mine"})
    menu(host, ITEM)
    assert len(host.dialogs) == 1
    assert host.bezels == ["Your taste mine is learned. More in Show last report"]
    assert not host.prefs.get("taste")


def test_taste_is_used_once_the_photographer_chooses_it(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """It becomes the setting, which is sent with the next job; before that no job has one."""
    cull_by_hand(host, tmp_path)
    cull(host)
    assert "taste" not in daemon.job.order
    learn(host, "my weddings", "Use it from now on")
    assert host.prefs["taste"] == "my weddings"
    cull(host)
    assert daemon.job.order["taste"] == "my weddings"


def test_report_is_shown(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """In its folder; the dialog stays open meanwhile."""
    cull_by_hand(host, tmp_path)
    report = file(tmp_path, 1, "html")
    daemon.learning_result = {"state": "done", "message": "Learned.", "acts": False, "report": str(report)}
    host.answer_dialog(QUESTION, "Learn")
    menu(host, ITEM)
    host.answer_dialog("is learned", "Show the report", times=1)
    host.answer_dialog("is learned", "Close")
    last_report(host)
    assert len([dialog for dialog in host.dialogs if "is learned" in dialog.text]) == 2


def test_failed_learning_shows_the_daemons_message(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Too few decisions, and what is missing."""
    cull_by_hand(host, tmp_path)
    daemon.learning_result = {"state": "failed", "message": "There are 3 decisions; 200 are needed."}
    message = learn(host, then=None).text
    assert "Nothing was learned" in message
    assert "There are 3 decisions; 200 are needed." in message


def test_refusal_of_the_daemon_is_shown(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """It is learning already, or restarted meanwhile."""
    cull_by_hand(host, tmp_path)
    refusal = problem(409, "wrong_state", "Autocull is learning already.")
    daemon.on_request = lambda request: refusal if request.path == "/v1/learnings" else None
    assert "Autocull is learning already." in learn(host, then=None).text


def test_learning_can_be_cancelled(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """The daemon's process is ended, and nothing is learned."""
    cull_by_hand(host, tmp_path)
    host.cancel_progress(lambda scope: bool(daemon.learnings))
    learn(host, then=None)
    assert host.bezels == ["It was cancelled: nothing was learned"]
    assert [each["state"] for each in daemon.learnings.values()] == ["cancelled"]


@pytest.mark.parametrize("name", ["", "a/b"])
def test_taste_needs_a_name(host: Host, daemon: FakeDaemon, tmp_path: Path, name: str) -> None:
    """The dialog opens again until there is one, or until it is cancelled."""
    cull_by_hand(host, tmp_path)
    host.answer_dialog(QUESTION, "Learn", {"name": name}, times=1)
    host.answer_dialog(QUESTION, "cancel")
    menu(host, ITEM)
    assert any("A taste needs a name" in dialog.text for dialog in host.dialogs)
    assert daemon.learnings == {}


def test_current_taste_is_proposed_as_name(host: Host, tmp_path: Path) -> None:
    """To learn it again; else it is "mine"."""
    cull_by_hand(host, tmp_path)
    host.answer_dialog(QUESTION, "cancel")
    menu(host, ITEM)
    assert host.dialogs[-1].values["name"] == "mine"
    choose(host, taste="weddings")
    host.answer_dialog(QUESTION, "cancel")
    menu(host, ITEM)
    assert host.dialogs[-1].values["name"] == "weddings"


def test_texts_are_german(daemon: FakeDaemon, tmp_path: Path) -> None:
    """From the menu to the promise."""
    host = Host(PLUGIN, tmp_path, language="de")
    host.load()
    photos = cull_by_hand(host, tmp_path)
    daemon.learning_result = {"state": "done", "message": "Learned.", "acts": True, "promise": PROMISE}
    host.answer_dialog("Es zählen nur Markierungen", "Lernen")
    menu(host, "Aus meiner Auswahl lernen…")
    host.answer_dialog("ist gelernt", "Schließen")
    assert "Er lehnt höchstens 2,0 % Ihrer Auswahl ab (zu 95 % sicher)" in last_report(host).text
    assert photos[3].marks == UNMARKED
    host.check()
