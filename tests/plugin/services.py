"""The stand-in's access outside of Lua: files, the network to a real daemon, and programs."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from plugin.bridge import LuaRefusal, out
from support.metadata_writers import write_rating

COCOA = 978307200
FOLDERS = {
    "home": ".",
    "temp": "Temp",
    "desktop": "Desktop",
    "pictures": "Pictures",
    "documents": "Documents",
    "appPrefs": "Library/Preferences",
    "appData": "Library/Application Support",
}


class RunningProgram(Protocol):
    """A program that LrTasks.execute waits for, as subprocess.Popen is one."""

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""


@dataclass
class Request:
    """One request of the plug-in and its outcome: a status, or the error code of LrHttp."""

    method: str
    url: str
    headers: dict[str, str]
    sent: bytes | None
    status: int | None = None
    received: bytes = b""
    error: str | None = None

    @property
    def path(self) -> str:
        """The path with its query."""
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    @property
    def body(self) -> Any:
        """What was sent, read as JSON; None where nothing was."""
        return json.loads(self.sent) if self.sent else None

    @property
    def answer(self) -> Any:
        """What was received, read as JSON."""
        return json.loads(self.received)


class Network:
    """LrHttp's requests, made with http.client; or answered by `respond`, where a test sets it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.respond: Callable[[Request], tuple[int, Any]] | None = None

    def http(self, method: str, url: str, body: str | None, headers: Any, timeout: float) -> tuple[Any, ...]:
        """Make one request; return (body, status, headers), or (None, error code, its name)."""
        fields = {each["field"]: each["value"] for each in out(headers) or []}
        # Lightroom's default is text/plain.
        fields = {"Content-Type": "text/plain", "User-Agent": "Adobe Lightroom"} | fields
        fields = {name: value for name, value in fields.items() if value != "skip"}
        sent = None if body is None else body.encode("utf-8", "surrogateescape")
        request = Request(method, url, fields, sent)
        self.requests.append(request)
        try:
            result = self._answer(request) if self.respond else self._send(request, timeout)
        except TimeoutError:
            return self._failed(request, "timedOut", "The request timed out.")
        except ConnectionRefusedError:
            return self._failed(request, "cannotConnectToHost", "Could not connect to the server.")
        except http.client.HTTPException:
            return self._failed(request, "badServerResponse", "The server's answer could not be read.")
        except OSError:
            return self._failed(request, "networkConnectionLost", "The network connection was lost.")
        return request.received, request.status, result

    @staticmethod
    def _failed(request: Request, code: str, name: str) -> tuple[None, str, str]:
        request.error = code
        return None, code, name

    def _answer(self, request: Request) -> list[dict[str, str]]:
        assert self.respond
        request.status, value = self.respond(request)
        request.received = value if isinstance(value, bytes) else json.dumps(value).encode()
        return []

    @staticmethod
    def _send(request: Request, timeout: float) -> list[dict[str, str]]:
        parts = urlsplit(request.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
        try:
            connection.request(request.method, request.path, request.sent, request.headers)
            response = connection.getresponse()
            request.received, request.status = response.read(), response.status
            return [{"field": name, "value": value} for name, value in response.getheaders()]
        finally:
            connection.close()


class Programs:
    """LrTasks.execute: the test's hook runs the command, or starts it and returns the running program."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.on_execute: Callable[[str], int | RunningProgram] | None = None
        self._running: dict[str, RunningProgram] = {}

    def execute(self, command: str) -> int | None:
        """Return the exit status of a command, or None while it runs."""
        self.commands.append(command)
        if self.on_execute is None:
            raise AssertionError(f"no test expected a command: {command}")
        result = self.on_execute(command)
        if isinstance(result, int):
            return result
        self._running[command] = result
        return self.poll(command)

    def poll(self, command: str) -> int | None:
        """Return the exit status of a command that was started, or None while it runs."""
        return self._running[command].poll()


class Files:
    """LrFileUtils: the real disk, except for the files of photos, which exist as the test specifies."""

    def __init__(self, home: Path, photo_files: dict[str, bool]) -> None:
        self.home = home
        self._photo_files = photo_files

    def standard(self, name: str) -> str | None:
        """Return the path of a standard folder, or None for a name that does not exist."""
        return str(self.home / FOLDERS[name]) if name in FOLDERS else None

    def exists(self, path: str) -> str | bool:
        """Return "file", "directory" or False."""
        if path in self._photo_files:
            return "file" if self._photo_files[path] else False
        if Path(path).is_dir():
            return "directory"
        return "file" if Path(path).exists() else False

    def read(self, path: str) -> bytes:
        """Return the bytes of a file; the plug-in gets an error where it cannot be read."""
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise LuaRefusal(f"readFile: {error}") from error

    def rewrite(self, path: str) -> None:
        """Write metadata into a photo's file: its size and time change, its picture does not."""
        content = Path(path).read_bytes()
        if content.startswith(b"\xff\xd8"):
            write_rating(Path(path), 3)
        else:
            Path(path).write_bytes(content + b"metadata")

    def create_folder(self, path: str) -> bool:
        """Create a folder and its parents; return whether one was created."""
        if Path(path).is_dir():
            return False
        Path(path).mkdir(parents=True)
        return True

    def delete(self, path: str) -> tuple[Any, ...]:
        """Delete one file or one empty folder."""
        location = Path(path)
        if path in self._photo_files:
            raise AssertionError(f"the plug-in deletes a photo: {path}")
        return self._attempt(location.rmdir if location.is_dir() else location.unlink)

    def move(self, path: str, target: str) -> tuple[Any, ...]:
        """Move a file to a name that is free."""
        if path in self._photo_files:
            raise AssertionError(f"the plug-in moves a photo: {path}")
        if Path(target).exists():
            return False, "the target exists"
        return self._attempt(lambda: Path(path).rename(target))

    def copy(self, path: str, target: str) -> tuple[Any, ...]:
        """Copy a file to a name that is free."""
        if Path(target).exists():
            return False, "the target exists"
        return self._attempt(lambda: shutil.copyfile(path, target))

    @staticmethod
    def _attempt(act: Callable[[], Any]) -> tuple[Any, ...]:
        try:
            act()
        except OSError as error:
            return False, str(error)
        return (True,)

    def attributes(self, path: str) -> dict[str, float]:
        """Return size and dates of a file, or nothing where there is none."""
        if not Path(path).exists():
            return {}
        result = Path(path).stat()
        changed = result.st_mtime - COCOA
        return {"fileSize": result.st_size, "fileModificationDate": changed, "fileCreationDate": changed}

    def entries(self, path: str) -> list[str]:
        """Return the paths of all entries of a folder."""
        return sorted(str(each) for each in Path(path).iterdir()) if Path(path).is_dir() else []

    def files(self, path: str) -> list[str]:
        """Return the paths of the files in a folder."""
        return [each for each in self.entries(path) if Path(each).is_file()]

    def unused(self, path: str) -> str:
        """Return `path`, or an unused name with a number where it exists."""
        location, number = Path(path), 1
        while location.exists():
            number += 1
            location = Path(path).with_stem(f"{Path(path).stem}-{number}")
        return str(location)

    def functions(self) -> dict[str, Callable[..., Any]]:
        """Return the functions behind LrFileUtils and LrPathUtils, by name."""
        return {
            "standardPath": self.standard,
            "exists": self.exists,
            "readFile": self.read,
            "isReadable": lambda path: self.exists(path) == "file",
            "isWritable": lambda path: self.exists(path) == "file",
            "createDirectory": self.create_folder,
            "createAllDirectories": self.create_folder,
            "delete": self.delete,
            "move": self.move,
            "copyFile": self.copy,
            "fileAttributes": self.attributes,
            "files": self.files,
            "directoryEntries": self.entries,
            "chooseUniqueFileName": self.unused,
        }


def text_functions() -> dict[str, Callable[..., Any]]:
    """Return the functions behind LrStringUtils and LrMD5, by name."""

    def raw(value: str) -> bytes:
        return value.encode("utf-8", "surrogateescape")

    return {
        "lower": str.lower,
        "upper": str.upper,
        "encodeBase64": lambda value: base64.b64encode(raw(value)),
        "decodeBase64": lambda value: base64.b64decode(raw(value)),
        "md5": lambda value: hashlib.md5(raw(value)).hexdigest(),
    }


def really_sleep(seconds: float) -> None:
    """Wait, where a real daemon needs time of its own."""
    time.sleep(seconds)
