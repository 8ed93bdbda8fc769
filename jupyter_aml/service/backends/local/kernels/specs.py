"""Running instances as Jupyter kernelspecs: ``HOME/kernelspecs/kernels/<name>/kernel.json``.

The server extension adds the folder to those that Jupyter Server searches; other programs find
them with ``JUPYTER_PATH=HOME/kernelspecs``. The files follow the instances: `sync` is called
whenever the state of one changed.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

PROVISIONER = "jupyter-aml"
"""The name under ``jupyter_client.kernel_provisioners``."""

_PREFIX = "jupyter-aml-"

log = logging.getLogger(__name__)


class KernelSpecs:
    """Their folder; the service is its only writer."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "kernelspecs" / "kernels"
        self._written: dict[str, str] | None = None

    def sync(self, instances: Iterable[tuple[str, str]]) -> None:
        """Make the files those of `instances`: the name and the size of each that runs."""
        wanted = dict(instances)
        if wanted == self._written:
            return
        try:
            self._remove_others(wanted)
            for name, size in wanted.items():
                self._write(name, size)
            self._written = wanted
        except OSError as error:
            # A full disk: the instances run all the same, Jupyter does not offer them.
            log.warning("kernelspecs could not be written: %s", error)

    def _remove_others(self, wanted: Iterable[str]) -> None:
        names = {_PREFIX + name.lower() for name in wanted}
        for path in self._folder.glob(f"{_PREFIX}*"):
            if path.name not in names:
                shutil.rmtree(path, ignore_errors=True)

    def _write(self, compute: str, size: str) -> None:
        folder = self._folder / (_PREFIX + compute.lower())
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = folder / ".kernel.json"
        with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            json.dump(document(compute, size), stream, indent=1)
        unfinished.replace(folder / "kernel.json")


def document(compute: str, size: str) -> dict[str, object]:
    """A kernelspec. Interrupts travel as messages: signals of Jupyter Server do not get there."""
    return {
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": f"Python on {compute} ({size})" if size else f"Python on {compute}",
        "language": "python",
        "interrupt_mode": "message",
        "metadata": {
            "debugger": True,
            "kernel_provisioner": {
                "provisioner_name": PROVISIONER,
                "config": {"compute": compute},
            },
        },
    }
