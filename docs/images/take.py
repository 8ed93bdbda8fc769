"""Take the pictures of this folder: the quickstart, run for real in JupyterLab, light and dark.

    python docs/images/take.py

Needs the set-up of `make setup` and a Chromium (``CHROMIUM`` names one). Everything runs in a
temporary home that is removed afterwards.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WAIT_MS = 240_000
WIDER_PIXELS = 90
# It would ask whether it may show news, in the middle of the picture.
ANNOUNCEMENTS = "@jupyterlab/apputils-extension:announcements"
# A run that is asked for before there is a kernel is dropped.
HAS_KERNEL = """() => {
  const notebook = window.jupyterapp.shell.currentWidget;
  return notebook?.sessionContext?.session?.kernel?.status === 'idle';
}"""
# Not awaited: the picture is taken while the notebook is at work.
RUN_ALL = "() => { void window.jupyterapp.commands.execute('notebook:run-all-cells') }"
OUTPUT_HOLDS = """text => window.jupyterapp.shell.currentWidget.content.widgets.some(cell =>
  cell.model.type === 'code' && JSON.stringify(cell.model.outputs.toJSON()).includes(text))"""
SHOW_TRAINING = """async () => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const index = notebook.widgets.findIndex(cell => cell.model.id === 'train');
  notebook.activeCellIndex = index;
  await notebook.scrollToItem(index, 'start', 0);
}"""


@contextmanager
def lab(folder: Path) -> Iterator[str]:
    """JupyterLab on a copy of the examples; yields its address."""
    root = folder / "work"
    shutil.copytree(ROOT / "examples", root, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    token = secrets.token_hex(16)
    port = int(subprocess.check_output([sys.executable, ROOT / "tools" / "free_port.py"]))
    environment = {
        **os.environ,
        "JUPYTER_AML_HOME": str(folder / "home"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_TOKEN": token,
    }
    arguments = ["lab", "--no-browser", f"--port={port}", f"--ServerApp.root_dir={root}"]
    arguments.append("--LabApp.expose_app_in_browser=True")
    page_config = folder / "config" / "labconfig" / "page_config.json"
    page_config.parent.mkdir(parents=True)
    page_config.write_text(json.dumps({"disabledExtensions": {ANNOUNCEMENTS: True}}))
    if os.getuid() == 0:
        arguments.append("--allow-root")
    server = subprocess.Popen([sys.executable, "-m", "jupyter", *arguments], env=environment)
    try:
        wait_for(port)
        yield f"http://127.0.0.1:{port}/lab/tree/quickstart.ipynb?token={token}"
    finally:
        server.terminate()
        server.wait(30)
        stop = [sys.executable, "-m", "jupyter_aml.cli.main", "service", "stop", "--force"]
        subprocess.run(stop, env=environment, check=False, stdout=subprocess.DEVNULL)


def wait_for(port: int) -> None:
    """Return when something listens there."""
    deadline = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def execute(page: Page, command: str, **arguments: object) -> None:
    page.evaluate(
        "([command, args]) => window.jupyterapp.commands.execute(command, args)",
        [command, arguments],
    )


def take(page: Page, theme: str) -> None:
    """Run everything; when two nodes are at work, scroll to the plot and take the picture."""
    execute(page, "apputils:change-theme", theme=THEMES[theme])
    page.locator("#jupyter-aml-panel").wait_for(state="attached", timeout=WAIT_MS)
    if not page.locator("#jupyter-aml-panel").is_visible():
        page.locator('[data-id="jupyter-aml-panel"]').click()
    widen_the_panel(page)
    page.wait_for_function(HAS_KERNEL, timeout=WAIT_MS)
    page.evaluate(RUN_ALL)
    wait_for_output(page, "epoch 30")
    page.evaluate(SHOW_TRAINING)
    wait_for_output(page, "node 0:")
    page.wait_for_timeout(500)  # let what moves settle: a picture, not a test
    page.screenshot(path=HERE / f"lab-{theme}.png")
    wait_for_output(page, "lists at $")


def widen_the_panel(page: Page) -> None:
    """Drag its border, as a person would."""
    box = page.locator("#jupyter-aml-panel").bounding_box()
    assert box is not None
    edge, middle = box["x"] + box["width"] + 2, box["y"] + box["height"] / 2
    page.mouse.move(edge, middle)
    page.mouse.down()
    page.mouse.move(edge + WIDER_PIXELS, middle, steps=5)
    page.mouse.up()


def wait_for_output(page: Page, text: str) -> None:
    """Cells that are out of sight are not in the page, but in the model."""
    page.wait_for_function(OUTPUT_HOLDS, arg=text, timeout=WAIT_MS)


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox"] if os.getuid() == 0 else [],
        )
        for theme in THEMES:
            # A short path: Unix sockets live below it.
            with (
                tempfile.TemporaryDirectory(prefix="aml-", dir="/tmp") as folder,
                lab(Path(folder)) as address,
            ):
                page = browser.new_page(viewport={"width": 1440, "height": 900})
                page.goto(address)
                page.wait_for_function("() => window.jupyterapp !== undefined")
                page.evaluate("async () => { await window.jupyterapp.restored; }")
                take(page, theme)
                page.close()
        browser.close()


if __name__ == "__main__":
    main()
