"""A small series of runs, and a headless Chromium that is spoken to through a pipe."""

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time

import pytest

from hhpu.runs import read_run, run
from hhpu.simulate import synthetic_world

DECLARED = """
format = "hhpu run 1"
force = "Exampleshire"
name = "North"
[sources]
records = "overwritten"
offences = "extracts/{as_of}/offences.csv"
people = "extracts/{as_of}/people.csv"
spells = "extracts/{as_of}/spells.csv"
[harm]
index = "ons-css"
window = 730
[run]
bracket = 50
[thresholds]
most_fall_in_rows = 0.1
least_rows_same = 0.5
[outputs]
folder = "runs"
"""


class Series:
    """Runs of a synthetic force, a fortnight apart."""

    def __init__(self, base, people, count):
        self.base, self.days = base, []
        (base / "run.toml").write_text(DECLARED, encoding="utf-8")
        self.declaration = read_run(base / "run.toml")
        world = synthetic_world(people, seed=3, as_of="2026-03-31", years=4)
        for extract in world.extracts(first="2025-03-30", count=count, every=14):
            extract.write(base / "extracts" / extract.day.isoformat())
            self.days.append(extract.day)
            run(self.declaration, as_of=extract.day).write()

    def again(self, number=-1, declaration=None):
        """One of the runs, made again and not written."""
        return run(declaration or self.declaration, as_of=self.days[number])


@pytest.fixture(scope="session")
def series(tmp_path_factory):
    return Series(tmp_path_factory.mktemp("series"), people=12_000, count=3)


_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars", "--remote-debugging-pipe",
)  # fmt: skip
_LAUNCH = (
    "import os,sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); "
    "os.execv(sys.argv[3], sys.argv[3:])"
)


class Chromium:
    """A browser: `call` sends a command and waits, `events` holds what it told meanwhile."""

    def __init__(self, binary, profile):
        import fcntl

        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        far = [fcntl.fcntl(end, fcntl.F_DUPFD, 20) for end in (theirs_in, theirs_out)]
        self.process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, *map(str, far), binary, *_FLAGS,
             f"--user-data-dir={profile}"],
            pass_fds=far, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for end in (theirs_in, theirs_out, *far):
            os.close(end)
        self.ends, self.held, self.number, self.events = (ours_in, ours_out), b"", 0, []
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session is not None:
            message["sessionId"] = self.session
        os.write(self.ends[1], json.dumps(message).encode() + b"\0")
        while True:
            told = self._next(time.monotonic() + 20)
            if told.get("id") == self.number:
                assert "error" not in told, (method, told)
                return told["result"]

    def wait(self, method):
        until = time.monotonic() + 20
        while all(told.get("method") != method for told in self.events):
            self._next(until)

    def _next(self, until):
        while b"\0" not in self.held:
            ready, _, _ = select.select([self.ends[0]], [], [], max(0, until - time.monotonic()))
            more = os.read(self.ends[0], 1 << 20) if ready else b""
            if not more:
                message = "Chromium does not answer"
                raise TimeoutError(message)
            self.held += more
        first, _, self.held = self.held.partition(b"\0")
        told = json.loads(first)
        if "method" in told:
            self.events.append(told)
        return told

    def open(self, path, *, width=1280, height=900, phone=False):
        """Open a file at a width, and forget what was told before."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=phone)  # fmt: skip
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        self.wait("Page.loadEventFired")

    def value(self, expression):
        """What a script of the test says of the page."""
        told = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in told, told
        return told["result"].get("value")

    def press(self, key, code):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)

    def picture(self, path, **options):
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True, **options)["data"]
        path.write_bytes(base64.b64decode(data))

    def pdf(self):
        told = self.call("Page.printToPDF", preferCSSPageSize=True, paperWidth=8.27,
                         paperHeight=11.69)  # fmt: skip
        return base64.b64decode(told["data"])

    def close(self):
        for end in self.ends:
            os.close(end)
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory):
    if os.name == "nt":
        pytest.skip("Chromium is spoken to through a pipe, which needs a Unix")
    binary = next(filter(None, map(shutil.which, _NAMES)), None)
    if binary is None:
        pytest.skip("no Chromium on this machine (looked for " + ", ".join(_NAMES) + ")")
    browser = Chromium(binary, tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()
