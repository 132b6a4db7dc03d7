"""Attacks in the input: each row of inputs with the answer it gets.

The numbers are those of the list of attacks and faults in docs/protocol.md ("What it survives").
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autocull.errors import PhotoError
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame, file_identity
from support import cull_run_fakes as fakes
from support.job_fixtures import HEADERS, Daemon, code, daemon, no_workers

BODY = '{"photos": []}'


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """Open a daemon whose runner does nothing."""
    with daemon(tmp_path_factory.mktemp("quiet"), no_workers, running=False) as opened:
        yield opened


NO_PHOTOS = [
    ("", "bad_path"), ("   ", "bad_path"), ("a.jpg", "bad_path"), ("../a.jpg", "bad_path"), ("~/a.jpg",
    "bad_path"),
    ("file:///etc/passwd", "bad_path"), ("http://evil.com/a.jpg", "bad_path"), ("/a\0b.jpg", "bad_path"),
    ("//?/../x", "missing"), ("/" + "a" * 40_000, "bad_path"), ("/" + "a" * 300 + ".jpg", None),
    ("/no/such/file.jpg", "missing"), ("/no/such/ünï 📷 \u202e.jpg", "missing"), ("{folder}", "not_a_file"),
    ("{folder}/..", "not_a_file"), ("{folder}/fifo", "not_a_file"), ("{folder}/socket", "not_a_file"),
    ("/dev/zero", "not_a_file"), ("/dev/stdin", "not_a_file"), ("{folder}/loop", None), ("{folder}/good.jpg.",
    "missing"),
    ("{folder}/good.jpg ", "missing"), ("{folder}/../{name}/good.jpg", "good"), ("{folder}/link", "good"),
    ("{folder}/CON", "missing"),
]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="Windows has its own rows, in tests/serve/test_paths.py")
def test_row_13_what_is_no_photos_path_is_that_photos_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No path, however odd, fails a request or another photo, and no device, pipe or socket is opened."""
    fakes.frames_in(tmp_path, "good.jpg")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "link").symlink_to(tmp_path / "good.jpg")
    with socket.socket(socket.AF_UNIX) as server, daemon(tmp_path / "home", read_by_rules) as opened:
        monkeypatch.chdir(tmp_path)  # a socket's whole path may be too long
        server.bind("socket")
        photos = [
            {"id": str(place), "path": path.format(folder=tmp_path, name=tmp_path.name)}
            for place, (path, _) in enumerate(NO_PHOTOS)
        ]
        job = opened.post("/v1/jobs", {"photos": photos}).get_json()["id"]
        assert opened.ended(job)["state"] == "done"
        results = opened.results(job)
    for place, (path, wanted) in enumerate(NO_PHOTOS):
        error = results[str(place)]["error"]
        if wanted == "good":
            assert error is None, path
        elif wanted is not None:
            assert error["code"] == wanted, path
        else:
            assert error["code"] in ("missing", "damaged"), path


def read_by_rules() -> fakes.FakeWorkers:
    """Start workers that look at a file as the reader does, before they give evidence."""

    def measure(frame: Frame) -> Measurement:
        try:
            file_identity(frame.path)
        except PhotoError as error:
            return Measurement(error)
        return fakes.measure_by_name(frame)

    return fakes.FakeWorkers(measure)


def test_row_13_names_of_one_look_in_two_forms_are_two_photos(tmp_path: Path) -> None:
    """NFC and NFD are told apart where the file system does so, and come back as they were sent."""
    names = ["\u00fcn\u00ef.jpg", "u\u0308ni\u0308.jpg", "📷.jpg", "a b'\"&.jpg"]
    frames = fakes.frames_in(tmp_path, *names)
    with daemon(tmp_path / "home") as opened:
        job = opened.submit(*(frame.path for frame in frames))
        opened.ended(job)
        results = opened.results(job)
    assert set(results) == set(names)
    assert {result["verdict"] for result in results.values()} == {"keep"}


def nested(levels: int) -> str:
    """Make a body of so many levels."""
    return "[" * levels + "]" * levels


BODIES = [
    (nested(33), 400, "bad_json"), (nested(200_000), 400, "bad_json"),
    ('{"a":' * 40 + "1" + "}" * 40, 400, "bad_json"),
    (nested(32), 400, "bad_request"), ('{"photos": NaN}', 400, "bad_json"),
    ('{"photos": -Infinity}', 400, "bad_json"),
    ('{"photos": 1e400}', 400, "bad_json"), ('{"photos": [], "photos": []}', 400, "bad_json"),
    ('{"photos": [], "catalog": "\\ud800"}', 400, "bad_json"),
    ('{"photos": [], "\\udfff": 1}', 400, "bad_json"),
    ('{"photos": [], "catalog": "\\ud83d\\ude00"}', 202, None),
    (b'{"photos": [], "catalog": "\xff"}', 400, "bad_json"),
    (b"\xef\xbb\xbf" + BODY.encode(), 400, "bad_json"), (BODY.encode("utf-16"), 400, "bad_json"),
    ("{", 400, "bad_json"), ("", 400, "bad_request"), (" ", 400, "bad_json"), ("[]", 400, "bad_request"),
    ("null", 400, "bad_request"), ('{"photos": 1' + "0" * 5000 + "}", 400, "bad_json"),
    ('"' + '\\"' * 500_000, 400, "bad_json"),
    ("{'photos': []}", 400, "bad_json"), ('{"photos": [],}', 400, "bad_json"), (BODY + "{}", 400, "bad_json"),
    ('{"photos": []}\0', 400, "bad_json"), ('{"photos": [], "evil": 1}', 400, "bad_request"),
    ('{"photos": {}}', 400, "bad_request"), ('{"photos": [{"id": 1, "path": "/a"}]}', 400, "bad_request"),
    ('{"photos": [{"id": "1", "path": 7}]}', 400, "bad_request"),
    ('{"photos": [{"id": "1"}]}', 400, "bad_request"),
    ('{"photos": [{"id": "1", "path": "/a", "size": 1}]}', 400, "bad_request"),
    ('{"photos": [], "more": "yes"}', 400, "bad_request"), ('{"photos": [], "more": 1}', 400, "bad_request"),
    ('{"photos": [], "profile": "zzz"}', 422, "bad_settings"),
    ('{"photos": [], "settings": {"zzz": 1}}', 422, "bad_settings"),
    ('{"photos": [], "settings": {"eyes_reject": "0.2"}}', 422, "bad_settings"),
    ('{"photos": [], "settings": {"eyes_reject": true}}', 422, "bad_settings"),
    ('{"photos": [], "settings": {"eyes_reject": 2}}', 422, "bad_settings"),
    ('{"photos": [], "settings": {"marks": []}}', 422, "bad_settings"),
    ('{"photos": [], "settings": {"marks": [{"verdict": "maybe"}]}}', 422, "bad_settings"),
    (json.dumps({"photos": [{"id": str(n), "path": "/a"} for n in range(1001)]}), 400, "bad_request"),
    (json.dumps({"photos": [{"id": str(n), "path": "/a"} for n in range(1_000_000)]}), 413, "too_large"),
    (b" " * (4 * 1024 * 1024) + BODY.encode(), 413, "too_large"),
    (BODY.encode() + b" " * (4 * 1024 * 1024 - len(BODY)), 202, None),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "wanted"), BODIES, ids=lambda value: str(value)[:40])
def test_row_15_hostile_json_is_refused_in_words(
    quiet: Daemon, body: str | bytes, status: int, wanted: str | None
) -> None:
    """Deep, endless, doubled, half or wrong: 4xx, never 500, and the body is not repeated in full."""
    answer = quiet.client.post("/v1/jobs", headers=HEADERS, data=body, content_type="application/json")
    assert (answer.status_code, code(answer)) == (status, wanted)
    assert len(answer.data) < 1000


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"photos": [], "evil": 1}, "evil"), ({"photos": [{"id": "1", "path": 7}]}, "photos[0].path"),
        ({"photos": [{"id": "1", "path": "/a", "capture": {"isso": 1}}]}, "photos[0].capture.isso"),
        ({"photos": [], "settings": {"eyes_rejekt": 1}}, "eyes_reject"),
        ({"photos": [], "source": "robot"}, "source"),
    ],
)  # fmt: skip
def test_row_15_what_is_wrong_is_named(quiet: Daemon, body: dict[str, Any], named: str) -> None:
    """The message names the field, so that a plug-in's author finds it."""
    answer = quiet.post("/v1/jobs", body)
    assert named in answer.get_json()["error"]["message"]


def test_row_15_an_id_that_comes_twice_is_one_photo(quiet: Daemon) -> None:
    """Within a request and between two, ids are not doubled; one path under two ids is two photos."""
    photos = [{"id": "1", "path": "/a"}, {"id": "1", "path": "/b"}, {"id": "2", "path": "/a"}]
    answer = quiet.post("/v1/jobs", {"photos": photos, "more": True}).get_json()
    assert answer["total"] == 2
    more = quiet.post(f"/v1/jobs/{answer['id']}/photos", {"photos": photos}).get_json()
    assert more["total"] == 2


@pytest.mark.parametrize(
    "query",
    [
        "after=-1", "after=x", "after=1.5", "after=", "limit=0", "limit=501", "limit=1e2", "limit=%EF%BC%91",
        "after=1&after=2",
        "order=asc", "after=99999999999999999999", "limit=+1",
    ],
)  # fmt: skip
def test_row_15_parameters_are_checked_like_bodies(quiet: Daemon, query: str) -> None:
    """A page's bounds are whole numbers in range, and unknown or doubled parameters are refused."""
    assert code(quiet.get(f"/v1/jobs/1/results?{query}")) == "bad_request"
    assert code(quiet.get(f"/v1/journals/1/entries?{query}")) == "bad_request"


@pytest.mark.parametrize("address", ["/v1/jobs/{}", "/v1/jobs/{}/results", "/v1/journals/{}/entries"])
@pytest.mark.parametrize(
    "name", ["..", "%2e%2e", "'; DROP TABLE jobs;--", "%00", "%ff", "x" * 5000, "*", "%F0%9F%93%B7"]
)
def test_a_name_that_is_no_jobs_finds_nothing(quiet: Daemon, address: str, name: str) -> None:
    """Whatever stands where an id should: unknown, and the jobs are as they were."""
    assert code(quiet.get(address.format(name))) in ("unknown_job", "unknown_journal", "unknown_path")
    assert code(quiet.get("/v1/jobs")) is None
