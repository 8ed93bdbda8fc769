"""Record ``tour.gif``: a first run by mouse, for real, as pictures of its steps.

    python docs/images/tour.py

From an empty home to a cell that ran on a cluster and its job view. Needs what `take` needs.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright
from take import HAS_KERNEL, HERE, WAIT_MS, lab

SIZE = {"width": 1200, "height": 750}
SHOWN = (960, 600)
SECONDS = 1.8
"""How long a step is looked at."""
CLUSTER = "cpu-cluster"
SOURCE = f"""%%aml -c {CLUSTER}
import os, time
import numpy as np
import matplotlib.pyplot as plt

x = np.linspace(0, 6, 200)
for epoch in range(1, 6):
    print("epoch", epoch, "on", os.environ["JUPYTER_AML_JOB"], flush=True)
    time.sleep(0.6)
plt.figure(figsize=(5, 2))
plt.plot(x, np.exp(-x) * np.cos(6 * x))
best = float(x.max())"""
FILL_CELL = """source => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = 0;
  notebook.activeCell.model.sharedModel.setSource(source);
}"""
NEW_NOTEBOOK = """async () => {
  const { commands } = window.jupyterapp;
  const model = await commands.execute('docmanager:new-untitled', { type: 'notebook', path: '' });
  await commands.execute('docmanager:open', {
    path: model.path, factory: 'Notebook', kernel: { name: 'python3' }
  });
}"""


class Tour:
    """Frames of one page, in order."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._frames: list[Image.Image] = []

    def frame(self, times: int = 1) -> None:
        """Look at the page for as long as `times` steps."""
        self._page.wait_for_timeout(350)  # let what moves settle: a picture, not a test
        picture = Image.open(io.BytesIO(self._page.screenshot())).resize(SHOWN)
        self._frames += [picture] * times

    def save(self, path: Path) -> None:
        first, *others = [
            frame.convert("P", palette=Image.Palette.ADAPTIVE, colors=96) for frame in self._frames
        ]
        first.save(
            path,
            save_all=True,
            append_images=others,
            duration=int(SECONDS * 1000),
            loop=0,
            optimize=True,
        )


def walk(page: Page, tour: Tour) -> None:
    """A cluster from the size list, a cell that runs there, its output, its job."""
    page.locator('[data-id="jupyter-aml-panel"]').click()
    panel = page.locator("#jupyter-aml-panel")
    panel.get_by_role("button", name=f"Start {CLUSTER}").wait_for()
    tour.frame()
    panel.get_by_role("button", name=re.compile("New (cluster|compute)")).first.click()
    page.get_by_role("dialog").get_by_role("radio").first.wait_for()
    tour.frame(2)
    page.keyboard.press("Escape")
    panel.get_by_role("button", name=f"Start {CLUSTER}").click()
    panel.get_by_role("row", name=re.compile(CLUSTER)).first.wait_for()
    tour.frame()
    page.evaluate(NEW_NOTEBOOK)
    page.wait_for_function(HAS_KERNEL, timeout=WAIT_MS)
    page.evaluate(FILL_CELL, SOURCE)
    page.locator(".aml-strip").first.wait_for(timeout=WAIT_MS)
    tour.frame(2)
    page.evaluate("() => { void window.jupyterapp.commands.execute('notebook:run-cell') }")
    for epoch in (1, 3, 5):
        page.get_by_text(re.compile(f"epoch {epoch} on")).first.wait_for(timeout=WAIT_MS)
        tour.frame()
    page.locator(".jp-OutputArea-output img").first.wait_for(timeout=WAIT_MS)
    tour.frame(2)
    panel.get_by_role("treegrid", name="Jobs").get_by_role("row").first.dblclick()
    page.locator(".aml-log").first.wait_for(timeout=WAIT_MS)
    tour.frame(2)


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox"] if os.getuid() == 0 else [],
        )
        # A short path: Unix sockets live below it.
        with (
            tempfile.TemporaryDirectory(prefix="aml-", dir="/tmp") as folder,
            lab(Path(folder)) as address,
        ):
            page = browser.new_page(viewport=SIZE)
            page.goto(address.replace("/tree/quickstart.ipynb", ""))
            page.wait_for_function("() => window.jupyterapp !== undefined")
            page.evaluate("async () => { await window.jupyterapp.restored; }")
            tour = Tour(page)
            walk(page, tour)
            tour.save(HERE / "tour.gif")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
