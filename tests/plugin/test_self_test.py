"""*Developer: self-test*: what it finds out, that it asks before it writes, and puts everything back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from plugin.fake_daemon import FakeDaemon
from plugin.host import Host
from plugin.literal_files import PLUGIN, ROOT

TITLE = "Developer: self-test"
ASK = "May the self-test write to one photo"
READS = [
    "host", "settings", "daemon", "rawKeys", "formattedKeys", "unknownKey", "formats", "paths", "stacks",
    "searches", "labelWords", "thumbnail", "globals",
]  # fmt: skip
WRITES = [
    "rating",
    "flag",
    "labels",
    "readInGate",
    "busyGate",
    "counter",
    "privateGate",
    "restore",
    "everyPhoto",
]


@pytest.fixture
def host(tmp_path: Path, daemon: FakeDaemon) -> Host:
    """Lightroom with a few photos of all sorts, selected."""
    host = Host(PLUGIN, tmp_path)
    host.load()
    photos = [
        host.catalog.add_photo("/shoot/1.NEF", rating=2, label="green", flag=1, thumbnail=b"x" * 900),
        host.catalog.add_photo("/shoot/höhe.HEIC", captured="2020-01-01T10:00:00"),
        host.catalog.add_photo("/shoot/3.JPG", exists=False, touched="2024-01-01T10:00:00"),
    ]
    host.select(photos)
    return host


def run(host: Host, button: str) -> dict[str, str]:
    """Choose the item, answer the question, and return the report's lines by name."""
    host.answer_dialog(ASK, button)
    host.menu(TITLE)
    host.run_for(300)
    (path,) = host.revealed
    return lines(Path(path).read_text("utf-8"))


def lines(report: str) -> dict[str, str]:
    """The findings of a report by name."""
    return dict(re.findall(r"^(\w+): (.*)$", report.split("To be checked by hand")[0], re.M))


def test_only_reading_writes_nothing(host: Host) -> None:
    """*Only read* opens no gate at all, and says in the report that nothing was written."""
    found = run(host, "Only read")
    assert list(found) == READS
    assert not host.gates
    assert "nothing was written, as chosen" in Path(host.revealed[0]).read_text("utf-8")
    host.check()


def test_cancel_does_nothing(host: Host) -> None:
    """No report, no write, no request."""
    host.answer_dialog(ASK, "cancel")
    host.menu(TITLE)
    host.run_for(60)
    assert not host.revealed
    assert not host.gates
    assert not host.http_requests
    host.check()


def test_the_question_names_the_photo(host: Host) -> None:
    """She reads which photo will be written to, and what else happens, before it does."""
    host.answer_dialog(ASK, "cancel")
    host.menu(TITLE)
    host.run_for(60)
    assert "1.NEF" in host.dialogs[0].text
    assert "collection set" in host.dialogs[0].text
    host.check()


def test_every_question_has_its_answer(host: Host) -> None:
    """All checks of the host checklist stand in the report, and none of them failed."""
    found = run(host, "Write and restore")
    assert list(found) == [*READS, *WRITES]
    assert not [line for line in found.items() if line[1].startswith("FAILED")]
    host.check()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("host", r"^Lightroom 14.*macOS"),
        ("settings", r"profile=balanced, taste=, policy=respect"),
        ("daemon", r"^version 0\.2\.0, ready after"),
        ("rawKeys", r"^(\d+) of \1 supported$"),
        ("formattedKeys", r"^(\d+) of \1 supported$"),
        ("unknownKey", r'^refused: .*Unknown key: "fileName"'),
        ("formats", r"^1 HEIC=HEIC, 1 JPG=JPG, 1 NEF=RAW$"),
        ("paths", r"^1 ASCII MISSING, 1 ASCII found, 1 non-ASCII found$"),
        ("stacks", r"^none$"),
        ("searches", r"touchTime finds 2 photos in .*, 2 of the 3 selected; captureTime finds 0 photos"),
        ("labelWords", r"blue"),
        ("thumbnail", r"^900 bytes after"),
        ("globals", r"^self-test number 1 "),
        ("rating", r"^0 is refused: .*Invalid rating: 0; 3 -> 3; nil -> nil$"),
        ("flag", r"^-1 -> -1; 0 -> 0; 1 -> 1$"),
        (
            "labels",
            r"^red -> red \(Red\); .*; none -> none \(\); Autocull self-test -> none \(Autocull self-test\)$",
        ),
        ("readInGate", r"^reads "),
        ("busyGate", r"^with timeout: aborted; without: error .*write access"),
        ("counter", r"^a new collection set: \d+; highest photo: 2 of the recent, 3 of the selected$"),
        ("privateGate", r"^executed, reads written$"),
        ("restore", r"^as before: stars 2, flag 1, label green$"),
        ("everyPhoto", r"^3 photos in "),
    ],
)
def test_what_it_finds_out(host: Host, name: str, words: str) -> None:
    """Each check tells what this host does, in the stand-in what is documented of Lightroom."""
    assert re.search(words, run(host, "ok")[name]), name


@pytest.mark.parametrize(
    "before",
    [
        {"rating": 4, "label": "purple", "flag": -1},
        {"rating": None, "label": "none", "flag": 0},
        {"rating": 1, "label": "Print this", "flag": 1},
    ],
)
def test_the_photo_is_put_back(host: Host, before: dict[str, Any]) -> None:
    """Stars, flag and label are as before, even a label of her own; the neighbours were never touched."""
    first, *others = host.catalog.photos
    first.rating, first.label, first.flag = before["rating"], before["label"], before["flag"]
    untouched = [photo.marks for photo in others]
    found = run(host, "ok")
    assert first.marks == (before["rating"], before["label"], before["flag"])
    assert [photo.marks for photo in others] == untouched
    assert found["restore"].startswith("as before")
    assert not host.catalog.collection_sets
    host.check()


def test_a_cancelled_self_test_puts_the_photo_back(host: Host) -> None:
    """The cross ends the checks, and never the last of them."""
    first = host.catalog.photos[0]
    host.cancel_progress(lambda scope: scope.caption == "labels")
    found = run(host, "ok")
    assert first.marks == (2, "green", 1)
    assert "restore" in found
    assert "busyGate" not in found
    host.check()


def test_a_check_that_fails_is_a_finding(host: Host) -> None:
    """An error of the host stands in the report, and the other checks go on."""
    host.fail_write(host.catalog.photos[0], "the host is in a mood", times=2)
    found = run(host, "ok")
    assert "mood" in found["rating"]
    assert found["flag"] == "-1 -> -1; 0 -> 0; 1 -> 1"
    assert found["restore"].startswith("as before")
    host.check()


def test_a_host_that_reads_in_no_gate_is_told(host: Host) -> None:
    """What differs between systems stands in capitals."""
    host.knob("readsInGate", value=False)
    assert run(host, "ok")["readInGate"].startswith("REFUSED")
    host.check()


def test_a_second_counter_is_told(host: Host) -> None:
    """The import watch relies on one counter: where there are two, the report says so."""
    host.knob("separateCounters", value=True)
    host.catalog.lua_host.lastPhotoId = 100
    host.catalog.add_photo("/shoot/4.NEF")
    assert run(host, "ok")["counter"].startswith("NO COUNTER")
    host.check()


def test_a_daemon_that_is_not_there_is_told(host: Host, daemon: FakeDaemon) -> None:
    """With the hint that a proxy looks the same."""
    daemon.die(clean=True)
    found = run(host, "Only read")
    assert found["daemon"].startswith("NOT READY")
    assert "proxy" in found["daemon"]
    host.check()


def test_globals_tell_whether_they_outlive_a_reload(host: Host) -> None:
    """Run twice without a reload it counts on."""
    run(host, "Only read")
    host.revealed.clear()
    assert run(host, "Only read")["globals"].startswith("self-test number 2 ")
    host.revealed.clear()
    host.reload_plugin()
    assert run(host, "Only read")["globals"].startswith("self-test number 1 ")
    host.check()


def test_what_no_script_can_see_is_asked_of_a_person(host: Host) -> None:
    """The open questions stand at the end of the report and in the guide, one for one."""
    run(host, "Only read")
    text = Path(host.revealed[0]).read_text("utf-8")
    asked = re.findall(r"^- .*:$", text.split("To be checked by hand:")[1], re.M)
    guide = (ROOT / "docs/lightroom.md").read_text("utf-8")
    listed = re.findall(r"^\d+\. ", guide.split("## What a person should check")[1], re.M)
    assert len(asked) == len(listed) == 10
    host.check()


def test_it_does_not_disturb_a_run(host: Host, daemon: FakeDaemon) -> None:
    """While photos are culled the self-test waits for another day."""
    daemon.speed = 0
    host.menu("Auto-cull selection")
    host.run(until=lambda: daemon.jobs)
    host.answer_dialog(ASK, "ok")
    host.menu(TITLE)
    host.run_for(20)
    assert host.dialogs[-1].message == "Autocull is at work"
    assert not host.revealed
    host.check()


def test_a_home_that_cannot_be_written_is_no_end(host: Host, tmp_path: Path) -> None:
    """Where the report has no place in the home folder it goes to the folder for temporary files."""
    (tmp_path / ".autocull" / "self-test.txt").mkdir(parents=True)
    (tmp_path / "Temp").mkdir(exist_ok=True)
    found = run(host, "Only read")
    assert Path(host.revealed[0]).name == "autocull-self-test.txt"
    assert "host" in found
    host.check()


def test_the_question_is_german_where_lightroom_is(tmp_path: Path, daemon: FakeDaemon) -> None:
    """The photographer is asked in her language; the report is for developers."""
    host = Host(PLUGIN, tmp_path, language="de")
    host.load()
    host.select([host.catalog.add_photo("/shoot/1.NEF")])
    host.answer_dialog("Darf der Selbsttest ein Foto verändern", "Nur lesen")
    host.menu("Entwickler: Selbsttest")
    host.run_for(60)
    assert "1.NEF" in host.dialogs[0].text
    assert "To be checked by hand:" in Path(host.revealed[0]).read_text("utf-8")
    host.check()


def test_stacks_of_the_selection_are_told(host: Host) -> None:
    """Whether a collapsed stack hands out its top alone is seen by what stands here."""
    top = {"isInStackInFolder": True, "stackInFolderIsCollapsed": True, "countStackInFolderMembers": 4}
    stacked = host.catalog.add_photo("/shoot/5.NEF", stackPositionInFolder=1, **top)
    host.select([stacked])
    assert run(host, "Only read")["stacks"] == "1 top of collapsed stack of 4"
    host.check()


def test_paths_of_network_shares_are_told(tmp_path: Path, daemon: FakeDaemon) -> None:
    """On Windows a share is named as such, and whether the host finds the file there."""
    host = Host(PLUGIN, tmp_path, platform="win")
    host.load()
    host.select([host.catalog.add_photo("\\\\nas\\Höhe\\1.NEF"), host.catalog.add_photo("C:\\2.NEF")])
    assert run(host, "Only read")["paths"] == "1 ASCII found, 1 non-ASCII UNC found"
    host.check()


def test_at_most_500_photos_are_looked_at(host: Host) -> None:
    """A selection of thousands neither freezes the host nor fills the report."""
    host.select([host.catalog.add_photo(f"/many/{number}.NEF") for number in range(1200)])
    assert run(host, "Only read")["formats"] == "500 NEF=RAW"
    assert max(query["count"] for query in host.queries) == 500
    host.check()


def test_settings_that_are_not_in_use_are_told(tmp_path: Path, daemon: FakeDaemon) -> None:
    """A stored value that is refused stands in capitals, with the reason."""
    host = Host(PLUGIN, tmp_path)
    host.set_pref("policy", "replace")
    host.load()
    host.select([host.catalog.add_photo("/shoot/1.NEF")])
    found = run(host, "Only read")["settings"]
    assert "policy=respect" in found
    assert "REFUSED policy must be one of respect, fill, overwrite" in found
    host.check()
