"""papermill: a notebook of one cell as a job, from the command line, each in a new kernel."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from bench import workload
from bench.driver import Figures, ms_since, serve


class Papermill:
    """Operations of papermill."""

    def start(self) -> Figures:
        self._folder = Path(tempfile.mkdtemp(prefix="bench-papermill-"))
        return {}

    def close(self) -> None:
        """Nothing is kept."""

    def cells(self, count: int, gap_ms: float) -> Figures:
        """One job, whatever `count`: it takes seconds."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(workload.cell(1))],
            metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
        )
        source, result = self._folder / "in.ipynb", self._folder / "out.ipynb"
        nbformat.write(notebook, source)
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "papermill", "--log-level", "ERROR", source, result],
            check=True,
            stdout=sys.stderr,
        )
        return {"done ms": ms_since(start)}


if __name__ == "__main__":
    serve(Papermill())
