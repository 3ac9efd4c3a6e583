#!/usr/bin/env python3
"""Makes the pictures of the console that README.md shows: examples/console/*.png.

    cargo build --release && tools/console_pictures.py

It starts the demo, opens the console in headless Chromium by WebDriver (the packages chromium and chromium-driver), and
keeps a picture of the backlog, of its first story and of that story's theme. Only Python's standard library is used.
"""

import base64
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = pathlib.Path(os.environ.get("HEARBACK_PROGRAM", ROOT / "target/release/hearback"))
FOLDER = ROOT / "examples/console"
ARGUMENTS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--window-size=1280,800"]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Browser:
    """A session of WebDriver."""

    def __init__(self) -> None:
        port = free_port()
        self.driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL)
        self.session = f"http://127.0.0.1:{port}/session"
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": ARGUMENTS}}}}
        for attempt in range(50):
            try:
                self.session += "/" + self.call("", wanted)["sessionId"]
                return
            except OSError:
                time.sleep(0.2)
        raise SystemExit("chromedriver does not answer")

    def call(self, path: str, body: dict):
        request = urllib.request.Request(self.session + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, address: str) -> None:
        self.call("/url", {"url": address})

    def run(self, script: str):
        return self.call("/execute/sync", {"script": script, "args": []})

    def keep(self, name: str) -> None:
        size = {"width": 1280, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        for command, params in [("Emulation.setDeviceMetricsOverride", size),
                                ("Page.captureScreenshot", {"format": "png"})]:
            got = self.call("/goog/cdp/execute", {"cmd": command, "params": params})
        picture = base64.b64decode(got["data"])
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{name}.png").write_bytes(picture)
        print(f"{FOLDER / name}.png: {len(picture):,} bytes")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = dict(os.environ, HEARBACK_LISTEN=f"127.0.0.1:{free_port()}",
                        DATABASE_URL=f"sqlite://{folder}/demo.db", HEARBACK_LOG="warn")
        server = subprocess.Popen([PROGRAM, "serve", "--demo"], cwd=folder, env=settings, text=True,
                                  stdout=subprocess.PIPE)
        browser = None
        try:
            link = next(line.split()[1] for line in server.stdout if line.startswith("Console: "))
            browser = Browser()
            browser.open(link)
            base = link.split("/console/")[0]
            rows = "return document.querySelectorAll('table.backlog tbody tr').length"
            until, before = time.time() + 300, -1
            # Until no more stories are drafted.
            while time.time() < until and (now := browser.run(rows)) != before or now == 0:
                before = now
                time.sleep(8)
                browser.open(f"{base}/console/backlog")
            browser.keep("backlog")
            browser.open(browser.run("return document.querySelector('table.backlog tbody th a').href"))
            browser.keep("story")
            browser.open(browser.run("return document.querySelector('main a[href*=\"/console/themes/\"]').href"))
            browser.keep("theme")
        finally:
            if browser:
                browser.driver.terminate()
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
