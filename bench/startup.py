"""What it costs before anything runs: imports, Jupyter Server's start, megabytes on disk."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from statistics import median

from bench import environments
from bench.driver import Figures, ms_since, serve
from bench.workload import MB

_LOOK_SECONDS = 0.002
_START_SECONDS = 60.0
_SAMPLES = 3
_LAB = ("jupyterlab", "ipykernel", "ipywidgets")
_NEIGHBOURS = ("jupyterlab", "jupyter_lsp", "notebook_shim")

_IMPORT = "import time; t = time.perf_counter(); import jupyter_aml; print(time.perf_counter() - t)"
# A shell as a kernel has it: IPython and what an ipykernel loads are there before.
_LOAD_EXT = """
import time
import ipykernel.kernelapp, ipykernel.zmqshell
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
t = time.perf_counter()
shell.run_line_magic("load_ext", "jupyter_aml")
print(time.perf_counter() - t)
"""


class StartUp:
    """Operations on fresh processes; nothing is kept."""

    def start(self) -> Figures:
        return {}

    def close(self) -> None:
        """Nothing to end."""

    def imports(self) -> Figures:
        return {"ms": _median_printed(_IMPORT)}

    def load_ext(self) -> Figures:
        return {"ms": _median_printed(_LOAD_EXT)}

    def server(self, extension: bool) -> Figures:
        """From the start of the process to the first answer."""
        enabled = dict.fromkeys(_NEIGHBOURS, False) | {"jupyter_aml": extension}
        with tempfile.TemporaryDirectory(prefix="bench-server-") as folder:
            settings = {"ServerApp": {"jpserver_extensions": enabled}}
            Path(folder, "jupyter_server_config.json").write_text(json.dumps(settings))
            port = _free_port()
            options = [f"--ServerApp.port={port}", "--IdentityProvider.token=bench"]
            start = time.perf_counter()
            server = subprocess.Popen(
                [sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser", *options],
                cwd=folder,
                env={
                    **os.environ,
                    "JUPYTER_CONFIG_DIR": folder,
                    "JUPYTER_AML_HOME": f"{folder}/home",
                },
                stdout=sys.stderr,
            )
            try:
                _wait_for(f"http://127.0.0.1:{port}/api/status?token=bench", server)
                return {"s": ms_since(start) / 1000}
            finally:
                server.terminate()
                server.wait()

    def install(self) -> Figures:
        """What `pip install jupyter-aml` adds to a lab: MB in all, distributions beside itself."""
        lab = environments.python_of("lab", _LAB)
        ours = environments.python_of("lab-with-ours", [*_LAB, *_own_requirements()])
        added = _distributions(ours) - _distributions(lab)
        site = _site_packages(ours)
        sizes = sum(_bytes_of(site, name) for name in added)
        own = sum(path.stat().st_size for path in _own_files())
        return {"MB": (sizes + own) / MB, "dists": float(len(added))}


def _median_printed(program: str) -> float:
    """Milliseconds: the median of the seconds that fresh processes print."""
    seconds = [
        float(subprocess.run([sys.executable, "-c", program], capture_output=True).stdout)
        for _ in range(_SAMPLES)
    ]
    return median(seconds) * 1000


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=_START_SECONDS).close()
            return
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_SECONDS)


def _own_requirements() -> Sequence[str]:
    """The package's dependencies; those of its extras are the person's choice."""
    wanted = metadata.requires("jupyter-aml") or []
    return [requirement for requirement in wanted if "extra ==" not in requirement]


def _own_files() -> Sequence[Path]:
    """The wheel's content: the package and the front end (source maps are not in it)."""
    package = Path(__file__).parents[1] / "jupyter_aml"
    return [
        path
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".map"
    ]


def _site_packages(python: Path) -> Path:
    return next(python.parents[1].glob("lib/python*/site-packages"))


def _distributions(python: Path) -> set[str]:
    return {path.stem.partition("-")[0] for path in _site_packages(python).glob("*.dist-info")}


def _bytes_of(site: Path, name: str) -> int:
    """The files of one distribution, by its own record."""
    record = next(site.glob(f"{re.escape(name)}-*.dist-info")) / "RECORD"
    files = [site / line.split(",")[0] for line in record.read_text().splitlines()]
    return sum(path.stat().st_size for path in files if path.is_file())


if __name__ == "__main__":
    serve(StartUp())
