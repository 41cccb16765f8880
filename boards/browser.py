"""The machine's Chromium, which draws a finished page as a picture or on paper.

It is spoken to over a pipe, in the protocol that its own developer tools use: one browser for all
pages, no driver, no port and no package.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DESK_WIDTH = 1200
PHONE_WIDTH = 390
TIMEOUT_SECONDS = 60.0


class BrowserError(RuntimeError):
    """The browser did not do what it was asked; the message says what."""


def find_browser(setting: str | None = None) -> Path | None:
    """The browser that ``setting`` names, by path or by name, or the first of ``NAMES`` found."""
    for name in (setting,) if setting else NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    return None


class Browser:
    """A running browser with one tab."""

    def __init__(self, orders: int, answers: int) -> None:
        """Take the ends of the pipes on which orders go out and answers come in."""
        self._orders = orders
        self._answers = answers
        self._received = b""
        self._number = 0
        target = self._send("Target.createTarget", url="about:blank", session=False)
        attached = self._send(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True, session=False
        )
        self._session = attached["sessionId"]
        self._send("Page.enable")

    def open(self, page: Path, *, width: int = DESK_WIDTH) -> None:
        """Load a page of the disk as one sees it that wide."""
        self._send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=2 if width <= PHONE_WIDTH else 1,
            mobile=False,
        )
        found = self._send("Page.navigate", url=page.absolute().as_uri())
        if "errorText" in found:
            raise BrowserError(f"{page}: {found['errorText']}")
        self.evaluate(
            "new Promise(done => document.readyState === 'complete' ? done() "
            ": addEventListener('load', done))"
        )

    def evaluate(self, script: str) -> Any:
        """What an expression comes to in the open page; a promise is waited for."""
        answer = self._send(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            raise BrowserError(str(answer["exceptionDetails"].get("exception", answer)))
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key that writes nothing, such as Tab."""
        for kind in ("rawKeyDown", "keyUp"):
            self._send(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=9
            )

    def png(self) -> bytes:
        """The whole of the open page as a picture."""
        return self._bytes("Page.captureScreenshot", format="png", captureBeyondViewport=True)

    def pdf(self) -> bytes:
        """The open page as it prints."""
        return self._bytes("Page.printToPDF", printBackground=True, preferCSSPageSize=True)

    def _bytes(self, method: str, **parameters: Any) -> bytes:
        return base64.b64decode(self._send(method, **parameters)["data"])

    def _send(self, method: str, *, session: bool = True, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        order: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            order["sessionId"] = self._session
        text = json.dumps(order).encode() + b"\0"
        while text:
            text = text[os.write(self._orders, text) :]
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while True:
            answer = self._receive(method, deadline)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                result: dict[str, Any] = answer["result"]
                return result

    def _receive(self, method: str, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._received:
            left = max(deadline - time.monotonic(), 0)
            if not select.select([self._answers], [], [], left)[0]:
                raise BrowserError(f"{method}: no answer in {TIMEOUT_SECONDS:.0f} seconds")
            read = os.read(self._answers, 1 << 20)
            if not read:
                raise BrowserError(f"{method}: the browser ended")
            self._received += read
        message, _, self._received = self._received.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer


@contextmanager
def browsing(program: Path) -> Iterator[Browser]:
    """Start the browser, and end it with the block.

    Raises:
        BrowserError: it does not start, or does not answer.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process, orders, answers = _start(program, profile)
        try:
            yield Browser(orders, answers)
        except BrokenPipeError as error:
            raise BrowserError("it ended") from error
        finally:
            os.close(orders)
            os.close(answers)
            _end(process)


def _start(program: Path, profile: str) -> tuple[int, int, int]:
    """The process, and our ends of the pipes for orders and answers."""
    ends = [*os.pipe(), *os.pipe()]
    # Above those on which the browser expects its ends, so that none lies where another one goes.
    from_us, orders, answers, to_us = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends)
    for end in ends:
        os.close(end)
    arguments = [
        str(program),
        "--headless",
        "--remote-debugging-pipe",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-background-networking",
        # Nothing but our own pages, which hold no script, is opened; root has no sandbox.
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        f"--user-data-dir={profile}",
    ]
    try:
        process = os.posix_spawn(
            program,
            arguments,
            os.environ,
            file_actions=[
                *((os.POSIX_SPAWN_OPEN, end, os.devnull, os.O_RDWR, 0) for end in range(3)),
                (os.POSIX_SPAWN_DUP2, from_us, 3),
                (os.POSIX_SPAWN_DUP2, to_us, 4),
            ],
            setpgroup=0,
        )
    except OSError as error:
        os.close(orders)
        os.close(answers)
        raise BrowserError(str(error.strerror)) from error
    finally:
        os.close(from_us)
        os.close(to_us)
    return process, orders, answers


def _end(process: int) -> None:
    """The browser, which ends with its pipes, and what it started, which would outlive it."""
    deadline = time.monotonic() + 5
    while os.waitpid(process, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.killpg(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return
        time.sleep(0.02)
