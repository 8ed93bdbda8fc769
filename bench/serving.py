"""Our router and scoring processes, the raw server that is their floor, and nginx for the hop.

Each is started when it is first measured and kept. Run by `bench.engines` with our own interpreter.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import jupyter_aml
from bench import serving_load, serving_model
from bench.driver import Figures, serve
from bench.serving_model import BODY, HEADERS, NOTHING, SCORE, free_port, wait_for, wait_healthy

_BOOT = Path(jupyter_aml.__file__).parent / "serving" / "boot.py"
_SPLIT = {"blue": 90, "green": 10}
_NGINX = """\
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.err;
events {{ worker_connections 1024; }}
http {{
  access_log {folder}/nginx.log;
  upstream split {{
    server 127.0.0.1:{blue} weight=90; server 127.0.0.1:{green} weight=10; keepalive 128;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://split; proxy_http_version 1.1; proxy_set_header Connection "";
    }}
  }}
}}
"""


class Serving:
    """Operations: `url` and the processes whose CPU counts are found by what is measured."""

    def start(self) -> Figures:
        self._folder = Path(tempfile.mkdtemp(prefix="bench-serving-"))
        self._processes: list[subprocess.Popen[bytes]] = []
        self._made: dict[str, tuple[int, list[int]]] = {}
        return {}

    def close(self) -> None:
        """Nothing is left running."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(timeout=10)

    def raw(self, how: str, connections: int) -> Figures:
        """The floor: "each", "batch" or "nothing"."""
        return self._measure(f"raw-{how}", lambda: self._raw(how), connections)

    def ours(self, connections: int, micro_batch: int = 0) -> Figures:
        """Two deployments, 90/10, keys checked, request log on; every process of ours counts."""
        name = f"ours-{micro_batch}"
        return self._measure(name, lambda: self._ours(name, SCORE, micro_batch), connections)

    def hop_ours(self, connections: int) -> Figures:
        """Our router in front of two scoring processes that do nothing; only its own CPU counts."""
        return self._measure("hop", lambda: self._ours("hop", NOTHING, 0)[:2], connections)

    def hop_nginx(self, connections: int) -> Figures:
        """nginx in front of two raw servers that do nothing; only its own CPU counts."""
        return self._measure("nginx", self._nginx, connections)

    def _measure(self, name: str, make: Callable[[], Sequence[int]], connections: int) -> Figures:
        """`make` gives the port, and the processes that count."""
        if name not in self._made:
            port, *counted = make()
            self._made[name] = port, counted
        port, counted = self._made[name]
        url = f"http://127.0.0.1:{port}/score"
        return serving_load.measure(url, BODY, HEADERS, connections, counted)

    def _raw(self, how: str) -> list[int]:
        folder = self._folder / f"raw-{how}"
        serving_model.write(folder)
        port = free_port()
        process = self._start("-m", "bench.serving_raw", str(port), str(folder), how)
        wait_for(port, process)
        return [port, process.pid]

    def _ours(self, name: str, script: str, micro_batch: int) -> list[int]:
        """The port, the router, the instances."""
        folder = self._folder / name
        serving_model.write(folder, script)
        port = free_port()
        instances = {each: self._instance(folder, each, micro_batch) for each in _SPLIT}
        table = {
            "endpoint": "bench",
            "port": port,
            "auth": {"keys": [hashlib.sha256(serving_model.KEY.encode()).hexdigest()]},
            "traffic": _SPLIT,
            "request_log": str(folder / "requests.log"),
            "deployments": {
                each: {"instances": {each: files}, "max_concurrent": 256}
                for each, (files, _) in instances.items()
            },
        }
        (folder / "table.json").write_text(json.dumps(table))
        config = {"table": str(folder / "table.json"), "control": str(folder / "control")}
        router = self._part("router", folder / "router.json", config)
        wait_for(port, router)
        wait_healthy(port)
        return [port, router.pid, *[pid for _, pid in instances.values()]]

    def _instance(self, folder: Path, name: str, micro_batch: int) -> tuple[dict[str, str], int]:
        files = {"socket": str(folder / f"{name}.sock"), "begun": str(folder / f"{name}.begun")}
        config = {
            **files,
            "model_dir": str(folder / "model"),
            "code_dir": str(folder / "code"),
            "state": str(folder / f"{name}.json"),
            "console": str(folder / f"{name}.log"),
            "micro_batch": micro_batch,
        }
        return files, self._part("score", folder / f"{name}.config", config).pid

    def _nginx(self) -> list[int]:
        if shutil.which("nginx") is None:
            raise RuntimeError("this machine has no nginx")
        blue, green = self._raw("nothing")[0], self._second()
        port = free_port()
        config = self._folder / "nginx.conf"
        config.write_text(_NGINX.format(folder=self._folder, blue=blue, green=green, port=port))
        process = subprocess.Popen(["nginx", "-c", str(config), "-p", str(self._folder)])
        self._processes.append(process)
        wait_for(port, process)
        return [port, process.pid]

    def _second(self) -> int:
        port = free_port()
        process = self._start("-m", "bench.serving_raw", str(port), str(self._folder), "nothing")
        wait_for(port, process)
        return port

    def _part(self, part: str, path: Path, config: dict[str, object]) -> subprocess.Popen[bytes]:
        path.write_text(json.dumps(config))
        return self._start(str(_BOOT), part, str(path))

    def _start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        process = subprocess.Popen([sys.executable, *arguments], env=environment)
        self._processes.append(process)
        return process


if __name__ == "__main__":
    serve(Serving())
