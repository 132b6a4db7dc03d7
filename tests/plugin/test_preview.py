"""*Preview verdicts…* and *Explain this photo*: what is shown, and no write without confirmation."""

from __future__ import annotations

from pathlib import Path

from plugin.dialogs import Dialog
from plugin.fake_daemon import FakeDaemon, unreadable, verdict
from plugin.host import Host
from plugin.shoots import (
    DOUBTED,
    HOUR,
    KEPT,
    REJECTED,
    UNMARKED,
    by_number,
    choose,
    file,
    last_report,
    menu,
    shoot,
)


def preview(host: Host, button: str) -> Dialog:
    """Choose *Preview verdicts…*, answer its window, and return that window."""
    host.answer_dialog("Preview of the verdicts", button)
    menu(host, "Preview verdicts…")
    return next(dialog for dialog in host.dialogs if dialog.title == "Preview of the verdicts")


def explain(host: Host) -> Dialog:
    """Choose *Explain this photo* and return its dialog."""
    menu(host, "Explain this photo")
    return host.dialogs[-1]


def test_preview_counts_verdicts_and_reasons_without_writing(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """27 of 30 rejects come from closed eyes; after closing, the catalog is unchanged."""
    blur = [{"code": "motion_blur", "measured": 0.1, "limit": 0.3}]

    def judge(photo: dict[str, str]) -> dict[str, object]:
        number = int(Path(photo["path"]).stem[-4:])
        if number > 30:
            return verdict("keep" if number % 2 else "cannot_tell")
        return verdict("reject", reasons=blur) if number > 27 else verdict("reject")

    daemon.judge = judge
    photos = shoot(host, tmp_path, 50)
    shown = preview(host, "cancel")
    assert "50 of 50 photos judged" in shown.texts
    assert "10 keep, 30 reject, 10 cannot tell" in shown.texts
    assert "27 of 30 rejects come from closed eyes" in shown.texts
    assert "3 of 30 rejects come from motion blur" in shown.texts
    assert "Nothing has been written yet." in shown.texts
    assert {photo.marks for photo in photos} == {UNMARKED}
    assert all(not photo.properties for photo in photos)
    assert [gate["kind"] for gate in host.gates] == ["private"]
    assert daemon.job.order["purpose"] == "look"
    assert daemon.job.acknowledged
    assert daemon.journals == {}


def test_results_of_the_preview_are_written(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Apply measures nothing again: it writes the results of the dialog, and they can be undone."""
    daemon.judge = by_number(rejects=3, doubts=2)
    photos = shoot(host, tmp_path, 10)
    host.select([*photos, host.catalog.add_photo(file(tmp_path, 11, "MOV"))])
    preview(host, "ok")
    assert "10 of 11 photos judged" in last_report(host).text
    assert "1 videos skipped" in last_report(host).text
    assert [photo.marks for photo in photos] == [*[REJECTED] * 2, *[DOUBTED] * 2, *[KEPT] * 5, REJECTED]
    assert len(daemon.jobs) == 1
    assert "Marks written to 10 photos" in last_report(host).text
    assert daemon.job.acknowledged
    host.answer_dialog("Undo the auto-cull of", "ok")
    menu(host, "Undo last auto-cull")
    assert {photo.marks for photo in photos} == {UNMARKED}


def test_marks_set_while_the_preview_was_open_are_respected(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The plan is computed when it is applied, not when it is shown."""
    daemon.judge = by_number(rejects=10)
    photo, other = shoot(host, tmp_path, 2)
    host.answer_dialog("Preview of the verdicts", "ok", after=30)
    host.menu("Preview verdicts…")
    host.run(until=lambda: bool(host.dialogs))
    photo.rating = 5
    host.run(at_most_s=HOUR)
    assert photo.marks == (5, "none", 0)
    assert other.marks == REJECTED


def test_cancelled_preview_shows_what_is_done(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """And that the other photos were not judged."""
    daemon.speed = 5
    shoot(host, tmp_path, 30)
    host.cancel_progress(lambda scope: scope.done >= 10)
    shown = preview(host, "cancel")
    assert "It was cancelled: the other photos were not judged." in shown.texts
    assert f"{len(daemon.job.results)} of 30 photos judged" in shown.texts


def test_results_of_a_cancelled_preview_can_be_written(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """The judged photos get their marks; the report calls it cancelled, not failed."""
    daemon.speed = 5
    photos = shoot(host, tmp_path, 30)
    host.cancel_progress(lambda scope: "preview" in scope.title and scope.done >= 10)
    preview(host, "ok")
    done = len(daemon.job.results)
    assert [photo.marks for photo in photos] == [KEPT] * done + [UNMARKED] * (30 - done)
    assert "was cancelled: what was done is kept" in last_report(host).text
    assert f"Marks written to {done} photos" in last_report(host).text


def test_preview_without_verdicts_offers_nothing_to_apply(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """All photos are unreadable: a message, with their names."""
    daemon.judge = lambda photo: unreadable()
    shoot(host, tmp_path, 2)
    menu(host, "Preview verdicts…")
    assert "No photo was judged" in host.dialogs[-1].text
    assert "IMG_0002.JPG: The file ends early." in host.dialogs[-1].text


def test_preview_confirms_and_refuses_as_a_run_does(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Nothing selected, and too many selected."""
    shoot(host, tmp_path, 3)
    choose(host, confirmAbove=2)
    host.answer_dialog("Auto-cull 3 photos", "cancel")
    menu(host, "Preview verdicts…")
    host.select([])
    menu(host, "Preview verdicts…")
    assert "No photo is selected" in host.dialogs[-1].text
    assert daemon.jobs == {}


def test_photo_is_explained_with_measured_values_and_limits(
    host: Host, daemon: FakeDaemon, tmp_path: Path
) -> None:
    """Reasons, score, focus, eyes, category and model, in words; nothing is written."""
    daemon.judge = by_number(rejects=10)
    photos = shoot(host, tmp_path, 3)
    shown = explain(host)
    assert shown.message == "IMG_0001.JPG: Reject"
    assert shown.info is not None
    assert shown.info.split("\n") == [
        "• Eyes closed on the marked face (open 3 %, limit 20 %)",
        "Score: 12 %",
        "Focus on the subject: 90 %",
        "Eyes: Closed",
        "Category: People",
        "Model version: 3f2a91c0",
    ]
    assert list(daemon.job.photos) == [photos[0].uuid]
    assert daemon.job.order["purpose"] == "look"
    assert daemon.job.acknowledged
    assert photos[0].marks == UNMARKED
    assert not photos[0].properties


def test_keep_has_no_reasons(host: Host, tmp_path: Path) -> None:
    """No empty list of reasons."""
    shoot(host, tmp_path, 1)
    assert "There is no reason to reject it." in explain(host).text


def test_copy_is_explained_as_its_master(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """Whatever the settings are for copies."""
    [master] = shoot(host, tmp_path, 1)
    host.select([host.catalog.add_photo(master.path, copy_of=master)])
    assert explain(host).message == "IMG_0001.JPG: Keep"


def test_missing_verdict_is_explained(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """A video, a missing file, an unreadable file, and no photo at all."""
    host.select([])
    assert "No photo is selected" in explain(host).text
    host.select([host.catalog.add_photo(file(tmp_path, 1, "MOV"))])
    assert "1 videos skipped" in explain(host).text
    host.select([host.catalog.add_photo(tmp_path / "gone.NEF", exists=False)])
    assert "no file and no preview" in explain(host).text
    daemon.judge = lambda photo: unreadable("The data end early.")
    host.select([host.catalog.add_photo(file(tmp_path, 2))])
    shown = explain(host)
    assert (shown.message, shown.info) == ("IMG_0002.JPG cannot be read", "The data end early.")


def test_verdict_on_a_preview_is_labelled_as_such(host: Host, daemon: FakeDaemon, tmp_path: Path) -> None:
    """A judgement of a small rendered image is not presented as one of the file."""
    daemon.judge = lambda photo: verdict(source="fallback")
    host.select([host.catalog.add_photo(tmp_path / "gone.NEF", exists=False, thumbnail=b"\xff\xd8\xff\xd9")])
    assert "a preview of it was judged" in explain(host).text
