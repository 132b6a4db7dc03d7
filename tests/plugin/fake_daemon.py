"""A fake daemon that implements docs/protocol.md, and can be slow, crash, restart and send wrong answers.

Import with `from plugin.fake_daemon import FakeDaemon`. It judges by a function of the photo, `speed` photos
per request for results, so that a run of any length takes no real time. Its data survive `die`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import RLock, Thread
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from autocull.serve.routes.settings import describe_choices

VERSION = "0.2.0"
MOST_BYTES = 4 * 1024 * 1024
CREATED = "2026-11-21T10:00:00Z"

Judge = Callable[[dict[str, Any]], dict[str, Any]]
Compare = Callable[[list[dict[str, Any]]], dict[str, dict[str, Any]]]
Response = tuple[int, dict[str, Any]]


class DaemonRequest(NamedTuple):
    """One request as it arrived; `token` is what followed Bearer, or empty."""

    method: str
    path: str
    token: str
    body: Any


def verdict(answer: str = "keep", **more: Any) -> dict[str, Any]:
    """A result of a verdict with the marks of the daemon's default table, without number and id."""
    marks: dict[str, dict[str, Any]] = {
        "keep": {"rating": 3, "label": "green", "flag": 1},
        "reject": {"rating": None, "label": "red", "flag": -1},
        "cannot_tell": {"rating": None, "label": "yellow", "flag": 0},
    }
    closed = {"code": "eyes_closed", "measured": 0.03, "limit": 0.2, "where": None, "text": "Eyes closed"}
    return {
        "verdict": answer,
        "score": {"keep": 0.87, "reject": 0.12, "cannot_tell": 0.5}[answer],
        "reasons": [closed] if answer == "reject" else [],
        "focus": {"subject_sharp": 0.9, "kind": "sharp"},
        "eyes": "closed" if answer == "reject" else "open",
        "category": "people",
        "series": None,
        "select": None,
        "model": "3f2a91c0",
        "source": "file",
        "error": None,
        **marks[answer],
        **more,
    }


def unreadable(message: str = "The file ends early.") -> dict[str, Any]:
    """A result of a photo that cannot be read."""
    nothing = dict.fromkeys(
        [
            "rating",
            "label",
            "flag",
            "score",
            "focus",
            "eyes",
            "category",
            "series",
            "select",
            "model",
            "source",
        ]
    )
    return {**nothing, "verdict": None, "reasons": [], "error": {"code": "damaged", "message": message}}


def series(rank: int, size: int, best: str, kind: str = "burst", id_: str = "0123456789ab") -> dict[str, Any]:
    """A photo's rank in a series, as the protocol has it."""
    return {"id": id_, "kind": kind, "rank": rank, "size": size, "best": best}


def better_reason(best: str, **lead: Any) -> dict[str, Any]:
    """The reason that refers to a better frame of the series; `lead` is how it is better."""
    other = {"path": best, "eyes": 0.0, "sharp": 0.09, "light": 0.0, "blinking": [], "faces": 0, **lead}
    return {
        "code": "better_in_series", "measured": 0.5, "limit": 0.7, "where": None, "beside": other,
        "text": "Another frame is better",
    }  # fmt: skip


@dataclass
class Job:
    """A job of the fake daemon."""

    id: str
    order: dict[str, Any]
    photos: dict[str, dict[str, Any]] = field(default_factory=dict)
    results: list[dict[str, Any]] = field(default_factory=list)
    more: bool = False
    compared: bool = False
    state: str = "running"
    message: str | None = None
    acknowledged: bool = False


class FakeDaemon:
    """A daemon that writes its file into the home folder `home`; a context manager, which stops it.

    Where `compare` is set, it gets all photos of a judged job, and returns new results by their ids.
    """

    compare: Compare | None = None

    def __init__(
        self, home: Path, judge: Judge | None = None, *, speed: int = 10_000, version: str = VERSION
    ) -> None:
        self.folder = home / ".autocull"
        self.judge = judge or (lambda photo: verdict())
        self.speed = speed
        self.version = version
        self.protocol = 1
        self.product = "autocull"
        self.jobs: dict[str, Job] = {}
        self.journals: dict[str, dict[str, dict[str, Any]]] = {}
        self.undone: set[str] = set()
        self.tastes: list[str] = []
        self.created: dict[str, str] = {}
        self.learnings: dict[str, dict[str, Any]] = {}
        self.decisions: list[dict[str, Any]] = []
        self.learning_result: dict[str, Any] = {"state": "done", "message": "Learned.", "acts": True}
        self.requests: list[DaemonRequest] = []
        self.on_request: Callable[[DaemonRequest], Response | None] = lambda request: None
        self.token = ""
        self.shut_down = False
        self._lock = RLock()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> FakeDaemon:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.die()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        assert self._server
        return int(self._server.server_address[1])

    @property
    def job(self) -> Job:
        """The newest job."""
        return list(self.jobs.values())[-1]

    def start(self, *, publish: bool = True) -> None:
        """Listen on a port of its own with a new token, and publish both."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.token = secrets.token_hex(32)
        self.shut_down = False
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        if publish:
            self.publish()

    def publish(self, **wrong: Any) -> None:
        """Write daemon.json; `wrong` values replace the right ones."""
        self.folder.mkdir(parents=True, exist_ok=True)
        content = {"port": self.port, "token": self.token, "pid": 4711, "version": self.version} | wrong
        (self.folder / "daemon.json").write_text(json.dumps(content), "utf-8")

    def launcher(self, program: str = "/opt/auto cull/python", **more: Any) -> None:
        """Write launcher.json, as the installer does."""
        self.folder.mkdir(parents=True, exist_ok=True)
        content = {"program": program, "arguments": ["-m", "autocull", "start"], "log": "/logs/autocull.log"}
        text = json.dumps(content | {"version": VERSION} | more)
        (self.folder / "launcher.json").write_text(text, "utf-8")

    def die(self, *, clean: bool = False) -> None:
        """Stop listening; the published file stays unless `clean`."""
        server, self._server = self._server, None
        if server:
            server.shutdown()
            server.server_close()
        if clean:
            (self.folder / "daemon.json").unlink(missing_ok=True)

    def paths(self, method: str = "") -> list[str]:
        """The paths of the requests so far, without their queries."""
        return [request.path.split("?")[0] for request in self.requests if method in ("", request.method)]

    def answer(self, request: DaemonRequest) -> Response:
        """Answer one request by the protocol."""
        with self._lock:
            self.requests.append(request)
            response = self.on_request(request)
            if response:
                return response
            path = urlsplit(request.path).path
            if path == "/ping":
                return 200, {"product": self.product, "protocol": self.protocol}
            if request.token != self.token:
                return problem(403, "wrong_token", "This is not the token of this daemon.")
            return self._route(
                request.method, path.split("/")[2:], parse_qs(urlsplit(request.path).query), request.body
            )

    def _route(self, method: str, parts: list[str], query: dict[str, list[str]], body: Any) -> Response:
        match (method, *parts):
            case ("GET", "status" | "settings" as name):
                return 200, self._describe(name)
            case ("POST", "shutdown"):
                self.shut_down = True
                return 202, {"stopping": True}
            case ("POST", "jobs"):
                return self._submit(body)
            case (_, "jobs", id_, *rest) if id_ in self.jobs:
                return self._of_job(self.jobs[id_], method, rest, query, body)
            case ("POST", "learnings"):
                self.decisions = list(body["decisions"])
                begun = _learning(f"learning-{len(self.learnings) + 1}", body)
                self.learnings[begun["id"]] = begun
                return 202, dict(begun)
            case (_, "learnings", id_, *rest) if id_ in self.learnings:
                return self._learning(self.learnings[id_], rest, body)
            case ("GET", "journals"):
                return 200, {"journals": [self._head(id_) for id_ in reversed(self.journals)]}
            case ("GET", "journals", id_, "entries") if id_ in self.journals:
                return self._entries(id_, query)
            case ("POST", "journals", id_, "undone") if id_ in self.journals:
                self.undone.add(id_)
                return 200, self._head(id_)
        return problem(404, "unknown_path", f"There is nothing at {'/'.join(parts)}.")

    def _describe(self, name: str) -> dict[str, Any]:
        if name == "settings":
            return describe_choices() | {"tastes": self.tastes}
        state = "stopping" if self.shut_down else "idle"
        return {"state": state, "version": self.version, "pid": 4711}

    def _learning(self, learning: dict[str, Any], rest: list[str], body: Any) -> Response:
        if rest == ["decisions"]:
            self.decisions += body["decisions"]
            learning["decisions"] = len(self.decisions)
            learning["state"] = "open" if body.get("more") else "running"
            return 202, dict(learning)
        if rest == ["cancel"]:
            learning["state"] = "cancelled"
        elif learning["state"] == "running" and learning["measured"] is None:
            learning |= {"measured": 1, "total": 3}
        elif learning["state"] == "running":
            learning |= self.learning_result
        return 200, dict(learning)

    def _submit(self, body: dict[str, Any]) -> Response:
        job = Job(f"job-{len(self.jobs) + 1}", {key: body[key] for key in body if key != "photos"})
        self.jobs[job.id] = job
        self._add_photos(job, body)
        return 202, {"id": job.id, "total": len(job.photos)}

    def _add_photos(self, job: Job, body: dict[str, Any]) -> None:
        assert len(body["photos"]) <= 1000
        for photo in body["photos"]:
            job.photos.setdefault(photo["id"], photo)
        job.more = body.get("more", False)

    def _of_job(
        self, job: Job, method: str, rest: list[str], query: dict[str, list[str]], body: Any
    ) -> Response:
        match (method, *rest):
            case ("GET",):
                return 200, self._state(job)
            case ("POST", "photos"):
                self._add_photos(job, body)
                return 202, {"id": job.id, "total": len(job.photos)}
            case ("GET", "results"):
                return self._results(job, int(query["after"][0]), int(query["limit"][0]))
            case ("POST", "cancel"):
                job.state = "cancelled" if job.state == "running" else job.state
                return 200, self._state(job)
            case ("POST", "acknowledge"):
                job.acknowledged = True
                return 200, {"id": job.id}
            case ("POST", "journal"):
                return self._journal(job, body["entries"])
        return problem(404, "unknown_path", "There is nothing here.")

    def _work(self, job: Job) -> None:
        if job.state != "running":
            return
        waiting = list(job.photos.values())[len(job.results) :]
        for photo in waiting[: self.speed]:
            result = {"number": len(job.results) + 1, "id": photo["id"], **self.judge(photo)}
            job.results.append(result)
        if len(job.results) < len(job.photos) or job.more:
            return
        if job.compared or not self.compare:
            job.state = "done"
        elif not waiting:  # a request before has read the first results
            self._revise(job, self.compare(list(job.photos.values())))

    @staticmethod
    def _revise(job: Job, revised: dict[str, dict[str, Any]]) -> None:
        """Give photos a second result with a number of its own; the job is done with the next request."""
        first = job.results[-1]["number"] + 1 if job.results else 1
        job.results = [result for result in job.results if result["id"] not in revised]
        for number, (id_, content) in enumerate(revised.items(), first):
            job.results.append({"number": number, "id": id_, **content})
        job.compared = True

    def _results(self, job: Job, after: int, limit: int) -> Response:
        self._work(job)
        page = [result for result in job.results if result["number"] > after][:limit]
        following = page[-1]["number"] if page else after
        last = job.results[-1]["number"] if job.results else 0
        complete = job.state != "running" and following >= last
        return 200, {"results": page, "next": following, "complete": complete}

    def _state(self, job: Job) -> dict[str, Any]:
        left = len(job.photos) - len(job.results)
        estimate: dict[str, Any] = {"rate": 8.1, "seconds_left": left / 8.1} if job.results else {}
        counts = {
            "total": len(job.photos),
            "done": len(job.results),
            "message": job.message,
            "more": job.more,
        }
        return {"id": job.id, "state": job.state, "rate": None, "seconds_left": None} | counts | estimate

    def _journal(self, job: Job, entries: list[dict[str, Any]]) -> Response:
        journal = self.journals.setdefault(job.id, {})
        for entry in entries:
            existing = journal.setdefault(entry["id"], entry | {"number": len(journal) + 1})
            since = {m: v for m, v in entry["before"].items() if existing["after"].get(m, v) != v}
            existing["before"] = entry["before"] | existing["before"] | since
            existing["after"] = existing["after"] | entry["after"]
        return 200, {"id": job.id, "entries": len(journal)}

    def _head(self, id_: str) -> dict[str, Any]:
        undone = CREATED if id_ in self.undone else None
        return {
            "id": id_,
            "entries": len(self.journals[id_]),
            "created": self.created.get(id_, CREATED),
            "undone": undone,
        }

    def _entries(self, id_: str, query: dict[str, list[str]]) -> Response:
        after, limit = int(query["after"][0]), int(query["limit"][0])
        entries = list(self.journals[id_].values())
        page = entries[after : after + limit]
        following = after + len(page)
        return 200, {"entries": page, "next": following, "complete": following == len(entries)}


def _learning(id_: str, body: dict[str, Any]) -> dict[str, Any]:
    nothing = dict.fromkeys(["measured", "total", "message", "acts", "promise", "report"])
    selects = sum(each["decision"] == "select" for each in body["decisions"])
    state = "open" if body.get("more") else "running"
    counts = {"decisions": len(body["decisions"]), "selects": selects}
    return {"id": id_, "name": body["name"], "state": state, "created": CREATED} | counts | nothing


def problem(status: int, code: str, message: str) -> Response:
    """An error in the protocol's one shape."""
    return status, {"error": {"code": code, "message": message}}


def _handler(daemon: FakeDaemon) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Hands each request to the daemon."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            body = json.loads(raw) if raw else None
            status, response = daemon.answer(DaemonRequest(self.command, self.path, token, body))
            if len(raw) >= MOST_BYTES:
                status, response = problem(413, "too_large", "The body of a request may have at most 4 MiB.")
            content = json.dumps(response).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler
