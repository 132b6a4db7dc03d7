"""Previews in requests: judged where the file is missing, and deleted as soon as they are not needed."""

from __future__ import annotations

import stat
import sys
from base64 import b64encode
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from autocull.errors import StoreError
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame
from autocull.serve.http.access_gate import MAX_BYTES
from autocull.serve.jobs.previews import PREVIEWS_FOLDER, PreviewStore
from support import cull_run_fakes as fakes
from support.job_fixtures import (
    SteppedWorkers,
    create_files,
    error_code,
    fail_if_started,
    open_daemon,
    wait_until,
)


def preview(content: bytes) -> str:
    """Return content as a request has it."""
    return b64encode(content).decode()


def offline_photo(id_: str, content: bytes, **changes: Any) -> dict[str, Any]:
    """Return a photo whose file is missing, with a preview."""
    return {"id": id_, "path": f"/gone/{id_}.nef", "preview": preview(content), **changes}


def files_in(folder: Path) -> list[Path]:
    """Return the previews that a daemon in `folder` has."""
    return sorted((folder / PREVIEWS_FOLDER).glob("*"))


class ContentWorkers:
    """Workers that judge a file by its content, as the fakes do by its name, and record the contents."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []

    def start(self) -> fakes.FakeWorkers:
        """Return such workers."""
        return fakes.FakeWorkers(self._measure)

    def _measure(self, frame: Frame) -> Measurement:
        self.contents.append(frame.path.read_bytes())
        return fakes.measured_or_refused(Frame(frame.path.with_name(self.contents[-1].decode())))


def test_preview_is_judged_where_the_file_is_missing(tmp_path: Path) -> None:
    """The result names the photo's own file, and nothing of the preview is left when it arrives."""
    workers = ContentWorkers()
    [existing] = create_files(tmp_path / "a", "there.jpg")
    photos = [
        offline_photo("soft", b"soft"),
        offline_photo("good", b"good"),
        offline_photo("there", b"soft", path=str(existing)),
    ]
    with open_daemon(tmp_path, workers.start) as daemon:
        job = daemon.post("/v1/jobs", {"photos": photos}).get_json()["id"]
        assert daemon.wait_for_end(job)["errors"] == 0
        results = daemon.results(job)
    assert {id_: (each["verdict"], each["source"]) for id_, each in results.items()} == {
        "soft": ("reject", "fallback"), "good": ("keep", "fallback"), "there": ("keep", "file"),
    }  # fmt: skip
    assert results["soft"]["series"]["best"] == str(Path("/gone/soft.nef"))
    assert files_in(tmp_path) == []


def test_previews_are_compared_after_they_are_deleted(tmp_path: Path) -> None:
    """Two pictures of one scene are one series, and the better one ranks first."""
    workers = ContentWorkers()
    photos = [offline_photo("a", b"scene@worse"), offline_photo("b", b"scene@1")]
    with open_daemon(tmp_path, workers.start) as daemon:
        job = daemon.post("/v1/jobs", {"photos": photos}).get_json()["id"]
        daemon.wait_for_end(job)
        rows = daemon.get(f"/v1/jobs/{job}/results").get_json()["results"]
    ranks = {row["id"]: (row["series"]["size"], row["series"]["rank"]) for row in rows}
    assert ranks == {"a": (2, 2), "b": (2, 1)}


def test_same_preview_is_measured_once(tmp_path: Path) -> None:
    """In one job, where it is a copy, and in a later one that sends it again."""
    workers = ContentWorkers()
    photos = [offline_photo("a", b"one"), offline_photo("b", b"one")]
    with open_daemon(tmp_path, workers.start) as daemon:
        job = daemon.post("/v1/jobs", {"photos": photos}).get_json()["id"]
        assert daemon.wait_for_end(job)["verdicts"] == {"keep": 1, "reject": 1, "cannot_tell": 0}
    with open_daemon(tmp_path, fail_if_started) as daemon:
        job = daemon.post("/v1/jobs", {"photos": photos[:1]}).get_json()["id"]
        assert daemon.wait_for_end(job)["verdicts"]["keep"] == 1
    assert workers.contents == [b"one"]
    assert files_in(tmp_path) == []


def test_preview_stays_while_a_photo_waits_with_it(tmp_path: Path) -> None:
    """The first of two jobs with the same preview does not delete it; cancelling the second one does."""
    steps = SteppedWorkers()
    with open_daemon(tmp_path, steps.start, running=False) as daemon:
        first, second = (
            daemon.post("/v1/jobs", {"photos": [offline_photo("a", b"one")]}).get_json()["id"]
            for _ in range(2)
        )
        [file] = files_in(tmp_path)
        daemon.post(f"/v1/jobs/{first}/cancel")
        assert files_in(tmp_path) == [file]
        daemon.post(f"/v1/jobs/{second}/cancel")
        assert files_in(tmp_path) == []


def test_each_preview_is_deleted_with_its_result(tmp_path: Path) -> None:
    """Not only at the end of the job."""
    names = [offline_photo(id_, id_.encode()) for id_ in ("a", "b")]
    steps = SteppedWorkers()
    with open_daemon(tmp_path, steps.start, running=False) as daemon:
        job = daemon.post("/v1/jobs", {"photos": names}).get_json()["id"]
        first, second = (Path(each.photo.fallback or "") for each in daemon.queue.list_pending(job, 0, 9))
        release = steps.hold(second.name)
        daemon.runner.start()
        wait_until(lambda: not first.exists(), "the end of the first preview")
        assert daemon.get(f"/v1/jobs/{job}").get_json()["done"] == 1
        assert second.exists()
        release.set()
        daemon.wait_for_end(job)
    assert files_in(tmp_path) == []


def test_previews_of_an_unfinished_job_survive_a_restart(tmp_path: Path) -> None:
    """Others, as those of a request that was cut off by a crash, are deleted at the start."""
    workers = ContentWorkers()
    with open_daemon(tmp_path, running=False) as daemon:
        job = daemon.post("/v1/jobs", {"photos": [offline_photo("soft", b"soft")]}).get_json()["id"]
        [kept] = files_in(tmp_path)
        PreviewStore(kept.parent).save(b"left")
        own = kept.with_name("notes.txt")
        own.write_text("of the user")
    with open_daemon(tmp_path, workers.start, running=False) as daemon:
        assert files_in(tmp_path) == sorted([kept, own])
        daemon.runner.start()
        assert daemon.wait_for_end(job)["verdicts"]["reject"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_previews_are_private(tmp_path: Path) -> None:
    """Only the user can read the folder and the files."""
    path = PreviewStore(tmp_path / PREVIEWS_FOLDER).save(b"one")
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path.parent, path)] == [0o700, 0o600]


@pytest.mark.parametrize("text", ["*", "QUJ", "A", 7], ids=str)
def test_invalid_base64_is_refused_by_name(tmp_path: Path, text: object) -> None:
    """The request is refused as a whole, and nothing is kept."""
    with open_daemon(tmp_path, running=False) as daemon:
        photo = offline_photo("a", b"one") | {"preview": text}
        response = daemon.post("/v1/jobs", {"photos": [photo]})
        assert error_code(response) == "bad_request"
        assert "photos[0].preview" in response.get_json()["error"]["message"]
        assert daemon.jobs.list_newest() == []
    assert files_in(tmp_path) == []


def test_lines_in_base64_are_joined(tmp_path: Path) -> None:
    """Some encoders break the text after 76 characters."""
    with open_daemon(tmp_path, running=False) as daemon:
        photo = offline_photo("a", b"") | {"preview": "QUJD\r\nREVG\n"}
        assert daemon.post("/v1/jobs", {"photos": [photo]}).status_code == 202
        assert [path.read_bytes() for path in files_in(tmp_path)] == [b"ABCDEF"]


def test_request_with_previews_has_the_limit_of_every_request(tmp_path: Path) -> None:
    """Previews beyond 4 MiB come in several requests."""
    with open_daemon(tmp_path, running=False) as daemon:
        content = bytes(MAX_BYTES // 2)
        job = daemon.post("/v1/jobs", {"photos": [offline_photo("a", content)], "more": True}).get_json()[
            "id"
        ]
        two = [offline_photo("b", content), offline_photo("c", content)]
        assert error_code(daemon.post(f"/v1/jobs/{job}/photos", {"photos": two})) == "too_large"
        assert daemon.post(f"/v1/jobs/{job}/photos", {"photos": two[:1], "more": False}).status_code == 202


def test_preview_that_cannot_be_written_is_not_acknowledged(tmp_path: Path) -> None:
    """503 `store`, and no job; the same request is accepted once the cause is gone."""
    (tmp_path / PREVIEWS_FOLDER).write_text("in the way")
    body = {"photos": [offline_photo("a", b"one")]}
    with open_daemon(tmp_path, running=False) as daemon:
        assert error_code(daemon.post("/v1/jobs", body)) == "store"
        assert daemon.jobs.list_newest() == []
        (tmp_path / PREVIEWS_FOLDER).unlink()
        assert daemon.post("/v1/jobs", body).status_code == 202


def test_only_previews_are_deleted(tmp_path: Path) -> None:
    """A path that a client calls a fallback is never deleted, wherever it is."""
    previews = PreviewStore(tmp_path / PREVIEWS_FOLDER)
    saved = previews.save(b"one")
    [photo] = create_files(tmp_path / "a", f"{'0' * 32}.jpg")
    (tmp_path / PREVIEWS_FOLDER / "sub").mkdir()
    for path in (photo, saved.parent / ".." / "a" / photo.name, saved.parent / "sub"):
        previews.delete(path)
        assert path.exists()
    previews.delete(saved)
    assert not saved.exists()


def test_previews_are_not_deleted_before_their_photos_are_stored(tmp_path: Path) -> None:
    """A sweep waits for a request that is saving previews."""
    with open_daemon(tmp_path, running=False) as daemon:
        previews = daemon.queue.previews
        with previews.lock:
            path = previews.save(b"one")
            sweep = Thread(target=daemon.queue.delete_unneeded_previews)
            sweep.start()
            sweep.join(0.2)
            assert path.exists()
        sweep.join()
        assert not path.exists()


def test_error_of_the_disk_has_no_path(tmp_path: Path) -> None:
    """It is sent to the client."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError) as caught:
        PreviewStore(tmp_path / "file" / "previews").save(b"one")
    assert str(tmp_path) not in caught.value.message


@pytest.mark.skipif(sys.platform == "win32", reason="links need special rights on Windows")
def test_planted_link_is_not_followed(tmp_path: Path) -> None:
    """Nothing is written into, or deleted from, the folder that it refers to."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    [photo] = create_files(elsewhere, f"{'0' * 32}.jpg")
    folder = tmp_path / PREVIEWS_FOLDER
    folder.symlink_to(elsewhere)
    previews = PreviewStore(folder)
    previews.delete_all_except([])
    path = previews.save(b"one")
    assert not folder.is_symlink()
    assert path.read_bytes() == b"one"
    assert list(elsewhere.iterdir()) == [photo]
