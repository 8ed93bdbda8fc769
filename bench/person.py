"""What a person feels: cells in a real ipykernel, plain and with ``%%aml`` on top.

Cells are timed from the front end's side. Transfers are timed inside the kernel, so that only
ours is in them. ``--loaded`` gives the service 10,000 finished and 200 queued jobs.
"""

from __future__ import annotations

import os
import sys
import time

from bench import loaded, workload
from bench.driver import Figures, paced, serve
from bench.ours import Home
from bench.peers.ipykernel import Kernel

_CELLS = {
    "print": "print({number})",
    "array": "import numpy\na = numpy.random.default_rng({number}).random(131072)",
    "plot": "import matplotlib.pyplot as plt\nplt.plot([1, {number}, 3])\nplt.show()",
}
_PAUSE_MS = 100.0
"""Between two cells; nobody presses Shift-Enter faster."""
_SETTLE_SECONDS = 3.0
"""For the zygote that has preloaded what the cells import."""

_TIMED = """
import time as _time
_start = _time.perf_counter()
get_ipython().run_cell_magic("aml", {line!r}, {cell!r})
print("took", _time.perf_counter() - _start)
"""
_ARRAYS = """
from bench import workload
_x = [workload.array({kind!r}) for _ in range(2)]
"""


class Person:
    """One notebook, one service."""

    def __init__(self, *, is_loaded: bool) -> None:
        self._home = Home(is_loaded=is_loaded)
        os.environ["JUPYTER_AML_HOME"] = str(self._home.path)
        self._is_loaded = is_loaded
        self._number = 0

    def start(self) -> Figures:
        client = self._home.connect()
        if self._is_loaded:
            loaded.queue_jobs(client)
        client.close()
        self._kernel = self._new_kernel()
        self._kernel.run("%load_ext jupyter_aml")
        for what in (*_CELLS, *_CELLS):
            self.aml(what, "", 1)
            self.aml(what, "kept", 1)
            self.plain(what, 1)
        time.sleep(_SETTLE_SECONDS)
        return {}

    def close(self) -> None:
        self._kernel.stop()
        self._home.end()

    # -- cells ----------------------------------------------------------------------------

    def plain(self, what: str, count: int) -> Figures:
        return paced(count, _PAUSE_MS, lambda _: self._kernel.run(self._cell(what)))

    def aml(self, what: str, session: str, count: int) -> Figures:
        """The same cells on the compute ``local``; "" is a fresh process for each."""
        line = f"%%aml -c local --session {session}" if session else "%%aml -c local"
        return paced(count, _PAUSE_MS, lambda _: self._kernel.run(f"{line}\n{self._cell(what)}"))

    def first_cell(self, service: bool) -> Figures:
        """The first ``%%aml`` of a new kernel, with a service running or none at all."""
        if not service:
            self._home.stop()
        kernel = self._new_kernel()
        try:
            load = kernel.run("%load_ext jupyter_aml")["done ms"]
            first = kernel.run("%%aml -c local\nprint(1)")["done ms"]
        finally:
            kernel.stop()
        return {"load_ext ms": load, "first cell ms": first, "both ms": load + first}

    def _cell(self, what: str) -> str:
        self._number += 1
        return _CELLS[what].format(number=self._number)

    def _new_kernel(self) -> Kernel:
        kernel = Kernel()
        kernel.wait()
        return kernel

    # -- 100 MB ---------------------------------------------------------------------------

    def transfer(self, kind: str, session: str, again: bool) -> Figures:
        """There and back. The first time in a new kernel, or `again` where one went before."""
        kernel = self._new_kernel()
        try:
            kernel.run("%load_ext jupyter_aml")
            kernel.run(_ARRAYS.format(kind=kind))
            line = f"-c local --session {session}" if session else "-c local"
            self._took(kernel, line, "len('warm')")
            if again:
                self._there_and_back(kernel, line, 1)
            return self._there_and_back(kernel, line, 0)
        finally:
            kernel.stop()

    def _there_and_back(self, kernel: Kernel, line: str, number: int) -> Figures:
        # another object each time: a session is not sent again what it has
        kernel.run(f"x = _x[{number}]")
        out = self._took(kernel, f"{line} --no-out", "z = x\nlen(x)")
        if "--session" not in line:
            return {"out MB/s": out}
        return {"out MB/s": out, "back MB/s": self._took(kernel, line, "y = z")}

    def _took(self, kernel: Kernel, line: str, cell: str) -> float:
        """MB/s, were it 100 MB that moved."""
        text = ""
        for message in kernel.outputs(_TIMED.format(line=line, cell=cell)):
            if message["msg_type"] == "error":
                raise RuntimeError("\n".join(message["content"]["traceback"]))
            if message["msg_type"] == "stream":
                text += message["content"]["text"]
        seconds = float(text.rpartition("took ")[2].split()[0])
        return workload.ARRAY_BYTES / workload.MB / seconds


if __name__ == "__main__":
    serve(Person(is_loaded="--loaded" in sys.argv))
