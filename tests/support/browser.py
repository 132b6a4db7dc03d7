"""Headless Chromium, controlled through a pipe by the Chrome DevTools Protocol."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

CHROMIUM: str | None = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
"""Path of Chromium or Chrome; None where neither is installed."""


class Browser:
    """One page of a running browser; protocol: https://chromedevtools.github.io/devtools-protocol."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._write = to_browser
        self._read = from_browser
        self._received = b""
        self._numbers = itertools.count(1)
        self._session = ""
        target = self._send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._send("Performance.enable", timeDomain="threadTicks")

    def resize(self, width: int, height: int) -> None:
        """Set the size of the window in CSS pixels."""
        self._send(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def open(self, url: str) -> float:
        """Load a page and return the seconds until it is drawn."""
        start = time.perf_counter()
        self._send("Page.navigate", url=url)
        while self.evaluate("location.href + document.readyState") != url + "complete":
            time.sleep(0.02)
        self.wait_for_frame()
        return time.perf_counter() - start

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited where it is a promise; raise if it throws."""
        reply = self._send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in reply:
            raise RuntimeError(json.dumps(reply["exceptionDetails"]))
        return reply["result"].get("value")

    def press(self, key: str, code: int = 0) -> float:
        """Press and release a key; return the seconds until the page is drawn anew."""
        start = time.perf_counter()
        text = {"text": "\r"} if key == "Enter" else {"text": key} if len(key) == 1 else {}
        event = {"key": key, "windowsVirtualKeyCode": code}
        self._send("Input.dispatchKeyEvent", type="keyDown", **event, **text)
        self._send("Input.dispatchKeyEvent", type="keyUp", **event)
        self.wait_for_frame()
        return time.perf_counter() - start

    def busy_seconds(self) -> float:
        """Return the processor time that the page's main thread has used, without that of other processes."""
        metrics = self._send("Performance.getMetrics")["metrics"]
        return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

    def wait_for_frame(self) -> None:
        """Wait until two frames were drawn."""
        self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def save_picture(self, path: Path) -> None:
        """Write a picture of the window as PNG."""
        path.write_bytes(base64.b64decode(self._send("Page.captureScreenshot", format="png")["data"]))

    def _send(self, method: str, **arguments: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": arguments}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            reply = self._receive()
            if reply.get("id") == number:
                if "error" in reply:
                    raise RuntimeError(f"{method}: {reply['error']['message']}")
                result: dict[str, Any] = reply["result"]
                return result

    def _receive(self) -> dict[str, Any]:
        while b"\0" not in self._received:
            part = os.read(self._read, 1 << 20)
            if not part:
                raise RuntimeError("The browser has ended.")
            self._received += part
        text, _, self._received = self._received.partition(b"\0")
        reply: dict[str, Any] = json.loads(text)
        return reply


@contextmanager
def open_browser(profile: Path) -> Iterator[Browser]:
    """Start Chromium with an empty profile folder, and end it after the block."""
    assert CHROMIUM is not None
    command_read, command_write = os.pipe()
    answer_read, answer_write = os.pipe()
    options = (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--remote-debugging-pipe", f"--user-data-dir={profile}",
    )  # fmt: skip
    # Chromium reads commands from descriptor 3 and writes answers to descriptor 4.
    plumbing = f'exec "$0" "$@" 3<&{command_read} 4>&{answer_write}'
    process = subprocess.Popen(
        ["/bin/bash", "-c", plumbing, CHROMIUM, *options],
        pass_fds=(command_read, answer_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(command_read)
    os.close(answer_write)
    try:
        yield Browser(command_write, answer_read)
    finally:
        with suppress(BrokenPipeError):
            os.close(command_write)
        process.terminate()
        process.wait(30)
        os.close(answer_read)
