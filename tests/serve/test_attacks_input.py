"""Attacks in the input: each row of inputs with its response.

The numbers are those of the list of attacks and faults in docs/protocol.md ("What it survives").
"""

from __future__ import annotations

import json
import os
import socket
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autocull.errors import PhotoError
from autocull.pipeline.evidence_store import Measurement
from autocull.read import Frame, file_identity
from support import cull_run_fakes as fakes
from support.job_fixtures import HEADERS, Daemon, error_code, fail_if_started, open_daemon

BODY = '{"photos": []}'


@pytest.fixture(scope="module")
def idle_daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """Open a daemon whose runner is not started."""
    with open_daemon(tmp_path_factory.mktemp("quiet"), fail_if_started, running=False) as daemon:
        yield daemon


PATHS = [
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
def test_row_13_invalid_path_is_an_error_of_its_photo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails no request and no other photo, and no device, pipe or socket is opened."""
    fakes.frames_in(tmp_path, "good.jpg")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "link").symlink_to(tmp_path / "good.jpg")
    with (
        socket.socket(socket.AF_UNIX) as server,
        open_daemon(tmp_path / "home", start_checking_workers) as daemon,
    ):
        monkeypatch.chdir(tmp_path)  # a socket's whole path may be too long
        server.bind("socket")
        photos = [
            {"id": str(index), "path": path.format(folder=tmp_path, name=tmp_path.name)}
            for index, (path, _) in enumerate(PATHS)
        ]
        job = daemon.post("/v1/jobs", {"photos": photos}).get_json()["id"]
        assert daemon.wait_for_end(job)["state"] == "done"
        results = daemon.results(job)
    for index, (path, expected) in enumerate(PATHS):
        error = results[str(index)]["error"]
        if expected == "good":
            assert error is None, path
        elif expected is not None:
            assert error["code"] == expected, path
        else:
            assert error["code"] in ("missing", "damaged"), path


def start_checking_workers() -> fakes.FakeWorkers:
    """Return workers that check a file as the reader does, before they return evidence."""

    def measure(frame: Frame) -> Measurement:
        try:
            file_identity(frame.path)
        except PhotoError as error:
            return Measurement(error)
        return fakes.measure_by_name(frame)

    return fakes.FakeWorkers(measure)


def test_row_13_unicode_forms_of_a_name_are_two_photos(tmp_path: Path) -> None:
    """NFC and NFD are distinguished if the file system does so, and come back unchanged."""
    names = ["\u00fcn\u00ef.jpg", "u\u0308ni\u0308.jpg", "📷.jpg", "a b'\"&.jpg"]
    frames = fakes.frames_in(tmp_path, *names)
    with open_daemon(tmp_path / "home") as daemon:
        job = daemon.submit(*(frame.path for frame in frames))
        daemon.wait_for_end(job)
        results = daemon.results(job)
    assert set(results) == set(names)
    assert {result["verdict"] for result in results.values()} == {"keep"}


def nest(levels: int) -> str:
    """Return a body with so many levels."""
    return "[" * levels + "]" * levels


BODIES = [
    (nest(33), 400, "bad_json"), (nest(200_000), 400, "bad_json"),
    ('{"a":' * 40 + "1" + "}" * 40, 400, "bad_json"),
    (nest(32), 400, "bad_request"), ('{"photos": NaN}', 400, "bad_json"),
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


@pytest.mark.parametrize(("body", "status", "expected"), BODIES, ids=lambda value: str(value)[:40])
def test_row_15_hostile_json_is_refused(
    idle_daemon: Daemon, body: str | bytes, status: int, expected: str | None
) -> None:
    """Deep, long, duplicate, incomplete or wrong: 4xx, never 500, and the body is not quoted completely."""
    response = idle_daemon.client.post(
        "/v1/jobs", headers=HEADERS, data=body, content_type="application/json"
    )
    assert (response.status_code, error_code(response)) == (status, expected)
    assert len(response.data) < 1000


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"photos": [], "evil": 1}, "evil"), ({"photos": [{"id": "1", "path": 7}]}, "photos[0].path"),
        ({"photos": [{"id": "1", "path": "/a", "capture": {"isso": 1}}]}, "photos[0].capture.isso"),
        ({"photos": [], "settings": {"eyes_rejekt": 1}}, "eyes_reject"),
        ({"photos": [], "source": "robot"}, "source"),
    ],
)  # fmt: skip
def test_row_15_message_names_the_wrong_field(idle_daemon: Daemon, body: dict[str, Any], named: str) -> None:
    """So that a plug-in's author finds it."""
    response = idle_daemon.post("/v1/jobs", body)
    assert named in response.get_json()["error"]["message"]


def test_row_15_repeated_id_is_one_photo(idle_daemon: Daemon) -> None:
    """Within a request and across two; one path with two ids is two photos."""
    photos = [{"id": "1", "path": "/a"}, {"id": "1", "path": "/b"}, {"id": "2", "path": "/a"}]
    response = idle_daemon.post("/v1/jobs", {"photos": photos, "more": True}).get_json()
    assert response["total"] == 2
    more = idle_daemon.post(f"/v1/jobs/{response['id']}/photos", {"photos": photos}).get_json()
    assert more["total"] == 2


@pytest.mark.parametrize(
    "query",
    [
        "after=-1", "after=x", "after=1.5", "after=", "limit=0", "limit=501", "limit=1e2", "limit=%EF%BC%91",
        "after=1&after=2",
        "order=asc", "after=99999999999999999999", "limit=+1",
    ],
)  # fmt: skip
def test_row_15_query_parameters_are_checked(idle_daemon: Daemon, query: str) -> None:
    """A page's bounds are whole numbers in range; unknown or repeated parameters are refused."""
    assert error_code(idle_daemon.get(f"/v1/jobs/1/results?{query}")) == "bad_request"
    assert error_code(idle_daemon.get(f"/v1/journals/1/entries?{query}")) == "bad_request"


@pytest.mark.parametrize("address", ["/v1/jobs/{}", "/v1/jobs/{}/results", "/v1/journals/{}/entries"])
@pytest.mark.parametrize(
    "name", ["..", "%2e%2e", "'; DROP TABLE jobs;--", "%00", "%ff", "x" * 5000, "*", "%F0%9F%93%B7"]
)
def test_unknown_ids_are_not_found(idle_daemon: Daemon, address: str, name: str) -> None:
    """Whatever they contain; the jobs do not change."""
    assert error_code(idle_daemon.get(address.format(name))) in (
        "unknown_job",
        "unknown_journal",
        "unknown_path",
    )
    assert error_code(idle_daemon.get("/v1/jobs")) is None


@pytest.mark.parametrize("level", ["the body", "a photo", "every photo", "settings"])
def test_row_15_very_many_unknown_fields_are_one_error(level: str, tmp_path: Path) -> None:
    """It names the first; the others cost neither time nor memory."""
    names = {f"field{number}": 0 for number in range(400)}
    photo = {"id": "a", "path": "/a"}
    with open_daemon(tmp_path, running=False) as daemon:
        bodies: dict[str, Any] = {
            "the body": {"photos": [], **names},
            "a photo": {"photos": [photo | names]},
            "every photo": {"photos": [{"id": str(number), "path": "/a", **names} for number in range(300)]},
            "settings": {"photos": [], "settings": names},
        }
        tracemalloc.start()
        response = daemon.post("/v1/jobs", bodies[level])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert error_code(response) in ("bad_request", "bad_settings")
        assert "field0" in response.get_json()["error"]["message"] or level == "settings"
        assert peak < 100_000_000


def test_row_15_object_with_too_many_fields_is_refused(tmp_path: Path) -> None:
    """250,000 of them took seconds and 120 MB that stayed."""
    body = "{" + ",".join(f'"f{number}":1' for number in range(250_000)) + "}"
    with open_daemon(tmp_path, running=False) as daemon:
        response = daemon.post("/v1/jobs", data=body, content_type="application/json")
        assert error_code(response) == "bad_json"
        assert "more than 500 fields" in response.get_json()["error"]["message"]
