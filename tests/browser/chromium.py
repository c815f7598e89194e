"""Drives a Chromium through its DevTools protocol, over two pipes: no driver, no port, no other package."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

FOUND = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic", "--disable-dev-shm-usage", "--hide-scrollbars",
    "--remote-debugging-pipe", "--force-color-profile=srgb", "--window-size=1200,900",
]  # fmt: skip
# The browser reads commands from descriptor 3 and writes answers to 4.
START = """
import os, sys
from fcntl import F_DUPFD, fcntl
read, write = (fcntl(int(fd), F_DUPFD, 10) for fd in sys.argv[1:3])
os.dup2(read, 3)
os.dup2(write, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
KEYS = {
    "ArrowRight": 39, "ArrowLeft": 37, "ArrowUp": 38, "ArrowDown": 40, "Home": 36, "End": 35, " ": 32, "Enter": 13,
    "Tab": 9, "Escape": 27,
}  # fmt: skip


class Browser:
    """One Chromium, without a window."""

    def __init__(self) -> None:
        self.profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        read, self.out = os.pipe()
        self.into, write = os.pipe()
        assert FOUND is not None
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, str(read), str(write), FOUND, *FLAGS, f"--user-data-dir={self.profile.name}"],
            pass_fds=(read, write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read)
        os.close(write)
        self.buffer = b""
        self.number = 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        """One command and its answer; events that come before it are kept."""
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._write(message)
        while True:
            answer = self._read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def _write(self, message: dict[str, Any]) -> None:
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.out, data) :]

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self.buffer:
            data = os.read(self.into, 1 << 16)
            if not data:
                raise RuntimeError("the browser has ended")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        found: dict[str, Any] = json.loads(message)
        return found

    def open(self, where: Path | str, scripts: bool = True, dark: bool = False) -> Page:
        """A new page, when it has loaded."""
        return Page(self, where if isinstance(where, str) else where.as_uri(), scripts, dark)

    def close(self) -> None:
        """Ends the browser."""
        try:
            self.call("Browser.close")
        except (RuntimeError, OSError):
            self.process.kill()
        self.process.wait(timeout=20)
        os.close(self.into)
        os.close(self.out)
        self.profile.cleanup()


class Page:
    """One page: what it holds, what happens to it, and all it complained of or asked the network for."""

    def __init__(self, browser: Browser, url: str, scripts: bool, dark: bool) -> None:
        self.browser = browser
        self.url = url
        self.target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=self.target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setEmulatedMedia", features=[self._scheme(dark)])
        if not scripts:
            self.call("Emulation.setScriptExecutionDisabled", value=True)
        self.call("Page.navigate", url=url)
        self.wait_for_event("Page.loadEventFired")

    @staticmethod
    def _scheme(dark: bool) -> dict[str, str]:
        return {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}

    def call(self, method: str, **parameters: Any) -> Any:
        return self.browser.call(method, self.session, **parameters)

    def wait_for_event(self, method: str, seconds: float = 20.0) -> None:
        end = time.monotonic() + seconds
        while not any(e.get("method") == method and e.get("sessionId") == self.session for e in self.browser.events):
            assert time.monotonic() < end, f"{method} did not come"
            self.call("Runtime.evaluate", expression="0")
            time.sleep(0.01)

    def run(self, script: str) -> Any:
        """What an expression (or a promise of it) is worth in the page."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, script: str, seconds: float = 10.0) -> Any:
        """Waits until an expression is true."""
        end = time.monotonic() + seconds
        while not (found := self.run(script)):
            assert time.monotonic() < end, f"still not true: {script}"
            time.sleep(0.02)
        return found

    def text(self, selector: str) -> str:
        found: str = self.run(f"document.querySelector({json.dumps(selector)}).textContent")
        return found

    def middle(self, selector: str) -> tuple[float, float]:
        """Where the middle of an element is, after it was scrolled into view."""
        x, y = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center', inline: 'center'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        return x, y

    def mouse(self, kind: str, x: float, y: float, buttons: int = 0) -> None:
        button = "left" if buttons or kind != "mouseMoved" else "none"
        self.call(
            "Input.dispatchMouseEvent",
            type=kind,
            x=x,
            y=y,
            button=button,
            buttons=buttons,
            clickCount=int(kind != "mouseMoved"),
        )

    def click(self, selector: str) -> None:
        x, y = self.middle(selector)
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, 1)
        self.mouse("mouseReleased", x, y)

    def click_corner(self, selector: str) -> None:
        """Clicks where a frame has its title, so that it has the keyboard and nothing else happens."""
        self.middle(selector)
        x, y = self.run(f"(r => [r.x, r.y])(document.querySelector({json.dumps(selector)}).getBoundingClientRect())")
        self.mouse("mousePressed", x + 30, y + 30, 1)
        self.mouse("mouseReleased", x + 30, y + 30)

    def drag(self, selector: str, dx: float, dy: float = 0.0, from_x: float = 0.5) -> None:
        x, y = self.middle(selector)
        if from_x != 0.5:
            width = self.run(f"document.querySelector({json.dumps(selector)}).getBoundingClientRect().width")
            x += (from_x - 0.5) * width
        self.mouse("mouseMoved", x, y)
        self.mouse("mousePressed", x, y, 1)
        for part in (0.25, 0.5, 0.75, 1.0):
            self.mouse("mouseMoved", x + dx * part, y + dy * part, 1)
        self.mouse("mouseReleased", x + dx, y + dy)

    def press(self, *keys: str) -> None:
        for key in keys:
            code = KEYS.get(key, ord(key[0].upper()))
            text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
            more = {"key": key, "code": key if len(key) > 1 else "", "windowsVirtualKeyCode": code}
            self.call("Input.dispatchKeyEvent", type="keyDown", **more, **({"text": text} if text else {}))
            self.call("Input.dispatchKeyEvent", type="keyUp", **more)

    def type(self, selector: str, text: str) -> None:
        """Types in place of what a field holds, and presses Enter."""
        self.run(f"document.querySelector({json.dumps(selector)}).focus(), document.activeElement.select()")
        self.call("Input.insertText", text=text)
        self.press("Enter")

    def picture(self, selector: str) -> bytes:
        """An element as it is seen, as a PNG; it is scrolled into view."""
        self.middle(selector)
        x, y, width, height = self.run(
            f"(r => [r.x + scrollX, r.y + scrollY, r.width, r.height])(document.querySelector({json.dumps(selector)})"
            ".getBoundingClientRect())"
        )
        clip = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", clip=clip)["data"])

    def screenshot(self, path: Path) -> None:
        height = self.run("document.documentElement.scrollHeight")
        self.call(
            "Emulation.setDeviceMetricsOverride", width=1200, height=int(height), deviceScaleFactor=1, mobile=False
        )
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))
        self.call("Emulation.clearDeviceMetricsOverride")

    @property
    def complaints(self) -> list[Any]:
        """Everything it wrote to the console, and every exception."""
        self.run("0")
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [e["params"] for e in self._events() if e["method"] in kinds]

    @property
    def requests(self) -> list[str]:
        """What it asked for beside itself and the data it holds."""
        self.run("0")
        urls = [e["params"]["request"]["url"] for e in self._events() if e["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if url != self.url and not url.startswith("data:")]

    def _events(self) -> list[dict[str, Any]]:
        return [e for e in self.browser.events if e.get("sessionId") == self.session]

    def close(self) -> None:
        self.browser.call("Target.closeTarget", targetId=self.target)
        self.browser.events = [e for e in self.browser.events if e.get("sessionId") != self.session]

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
