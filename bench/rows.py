"""The rows: which ways are compared with each other, and what is asked of ours.

Gates and aims are ratios inside one run wherever there is something to divide by. "kept" is a
process that stays between cells (``--session``), "fresh" one of its own for each cell.
"""

from __future__ import annotations

from typing import Any

from bench.figures import Target
from bench.rounds import Group, Way
from bench.serving_rows import HOP, SERVING

_BACK_TO_BACK: dict[str, Any] = {"count": 60, "gap_ms": 0}
_PACED: dict[str, Any] = {"count": 30, "gap_ms": 30}
_ONE: dict[str, Any] = {"count": 1, "gap_ms": 0}
_KEPT, _FRESH = {"session": "bench"}, {"session": ""}

_IPYKERNEL = "ipykernel, warm"
_FLOOR = "floor: IPython worker on a Unix socket"
_SLOW = ("papermill", "jupyter-scheduler", "ray job")


def _rate(what: str, way: str, gate: float | None, aim: float, against: str, figure: str) -> Target:
    """A rate that should be at least so many times another's."""
    return Target(what, way, figure, gate, aim, ((against, figure),), "higher")


def _cells(pace: dict[str, Any], *, slow: bool) -> list[Way]:
    ways = [
        Way("floor: exec worker", "floor", "cells", {"worker": "exec", **pace}, "kept"),
        Way(_FLOOR, "floor", "cells", {"worker": "ipython", **pace}, "kept"),
        Way("floor: fork from IPython", "floor", "cells", {"worker": "fork", **pace}, "fresh"),
        Way(_IPYKERNEL, "ipykernel", "cells", pace, "kept"),
        Way("ours", "ours", "cells", {**_KEPT, **pace}, "kept"),
        Way("ours, 10,200 jobs in the store", "ours loaded", "cells", {**_KEPT, **pace}, "kept"),
        Way("ours, fresh", "ours", "cells", {**_FRESH, **pace}, "fresh"),
        Way("ours, fresh, 10,200 jobs", "ours loaded", "cells", {**_FRESH, **pace}, "fresh"),
        Way("ipyparallel", "ipyparallel", "cells", pace, "kept"),
        Way("dask", "dask", "cells", pace, "kept"),
        Way("ray task", "ray", "cells", pace, "kept"),
    ]
    if slow:
        ways += [
            Way("papermill", "papermill", "cells", _ONE, "fresh", cold=True),
            Way("jupyter-scheduler", "jupyter-scheduler", "cells", _ONE, "fresh", cold=True),
            Way("ray job", "ray", "job", {}, "fresh", cold=True),
        ]
    return ways


def _cell_targets() -> list[Target]:
    targets: list[Target] = []
    kernel_done, kernel_first = ((_IPYKERNEL, "done ms"),), ((_IPYKERNEL, "first ms"),)
    for way in ("ours", "ours, 10,200 jobs in the store"):
        targets += [
            Target(f"{way}, kept: done / ipykernel", way, "done ms", 0.7, 0.35, kernel_done),
            Target(f"{way}, kept: done / floor", way, "done ms", None, 10, ((_FLOOR, "done ms"),)),
            Target(f"{way}, kept: first / ipykernel", way, "first ms", 1.0, 0.5, kernel_first),
        ]
    for way in ("ours, fresh", "ours, fresh, 10,200 jobs"):
        targets += [
            Target(f"{way}: done / ipykernel", way, "done ms", 2, 1, kernel_done),
            Target(f"{way}: first / ipykernel", way, "first ms", 2, 1, kernel_first),
        ]
    return targets


CELLS = Group(
    "cells",
    "A cell as a job, one every 30 ms",
    _cells(_PACED, slow=True),
    [
        *_cell_targets(),
        Target(
            "ours, fresh: done / best of papermill, jupyter-scheduler, ray job",
            "ours, fresh",
            "done ms",
            1 / 300,
            against=[(way, "done ms") for way in _SLOW],
        ),
    ],
    ["dask and ray tasks keep nothing and stream nothing; ours are on disk before they run."],
)

BACK_TO_BACK = Group(
    "cells-back-to-back",
    "A cell as a job, one after another without a pause",
    _cells(_BACK_TO_BACK, slow=False),
    _cell_targets(),
)

GOING_ON = Group(
    "going-on",
    "First output of a cell that goes on running",
    [
        Way(_IPYKERNEL, "ipykernel", "going_on", {}, "kept"),
        Way("ours", "ours", "going_on", _KEPT, "kept"),
        Way("ours, fresh", "ours", "going_on", _FRESH, "fresh"),
    ],
    [
        Target("ours, kept: ms", "ours", "first ms", 50, 20),
        Target("ours, fresh: ms", "ours, fresh", "first ms", 50, 20),
        Target("ours, kept / ipykernel", "ours", "first ms", 1, 0.1, ((_IPYKERNEL, "first ms"),)),
    ],
)

_TASKS = ("ray task", "dask", "ipyparallel")
_BURST_KEPT: dict[str, Any] = {"sessions": ["a", "b"], "count": 600}
_BURST_FRESH: dict[str, Any] = {"sessions": [""], "count": 300}
BURST = Group(
    "burst",
    "Trivial durable jobs a second on two nodes",
    [
        Way(_IPYKERNEL, "ipykernel", "burst", {"count": 600}, "kept"),
        Way("ipyparallel", "ipyparallel", "burst", {"count": 600}, "kept"),
        Way("dask", "dask", "burst", {"count": 600}, "kept"),
        Way("ray task", "ray", "burst", {"count": 600}, "kept"),
        Way("ours", "ours", "burst", _BURST_KEPT, "kept"),
        Way("ours, fresh", "ours", "burst", _BURST_FRESH, "fresh"),
        Way("ours, 10,200 jobs in the store", "ours loaded", "burst", _BURST_KEPT, "kept"),
        Way("ours, fresh, 10,200 jobs", "ours loaded", "burst", _BURST_FRESH, "fresh"),
    ],
    [
        Target("ours, fresh: jobs/s", "ours, fresh", "jobs/s", 250, 370, better="higher"),
        Target(
            "ours, kept / best of ray, dask, ipyparallel",
            "ours",
            "jobs/s",
            1,
            2,
            [(way, "jobs/s") for way in _TASKS],
            better="higher",
        ),
    ],
    ["ray, dask and ipyparallel run functions and keep nothing; ours are cells that are durable."],
)

_OURS, _DASK = "ours (service, 2 nodes)", "dask (scheduler, 2 workers)"
START = Group(
    "start",
    "From nothing to two idle nodes, and what they hold",
    [
        Way(_OURS, "ours", "memory", restarts=True),
        Way(_DASK, "dask", "memory", restarts=True),
        Way("ipykernel x 2", "ipykernel", "memory", restarts=True),
        Way("ipyparallel (2 engines)", "ipyparallel", "memory", restarts=True),
        Way("ray (2 workers)", "ray", "memory", restarts=True),
    ],
    [
        Target("start / dask", _OURS, "start s", 0.6, 0.3, ((_DASK, "start s"),)),
        Target("PSS / dask", _OURS, "PSS MB", 0.6, against=((_DASK, "PSS MB"),)),
        Target("PSS, MB", _OURS, "PSS MB", None, 80),
    ],
)

PRELOADED = Group(
    "preloaded",
    "The same memory with numpy, pandas and scikit-learn preloaded",
    [Way("ours, preloaded", "ours", "preloaded_memory", restarts=True)],
    [],
)

_MEMCPY = "floor: memcpy"


def _transfer(kind: str, session: str, *, again: bool) -> dict[str, Any]:
    return {"kind": kind, "session": session, "again": again}


_FIRST, _AGAIN, _PANDAS = "ours, first time", "ours, again", "ours, pandas, again"
DATA = Group(
    "data",
    "100 MB to a job and back",
    [
        Way(_MEMCPY, "floor", "memcpy", {"kind": "numpy"}),
        Way("floor: pickle 5 on a Unix socket", "floor", "socket", {"kind": "numpy"}),
        Way("dask scatter, gather", "dask", "transfer", {"kind": "numpy"}, "kept"),
        Way("ray put, task", "ray", "transfer", {"kind": "numpy"}, "kept"),
        Way("ipyparallel push, pull", "ipyparallel", "transfer", {"kind": "numpy"}, "kept"),
        Way("dask, pandas", "dask", "transfer", {"kind": "pandas"}, "kept"),
        Way("ray, pandas", "ray", "transfer", {"kind": "pandas"}, "kept"),
        Way(_FIRST, "person", "transfer", _transfer("numpy", "data", again=False), "kept"),
        Way(_AGAIN, "person", "transfer", _transfer("numpy", "data", again=True), "kept"),
        Way(_PANDAS, "person", "transfer", _transfer("pandas", "data", again=True), "kept"),
        Way("ours, fresh", "person", "transfer", _transfer("numpy", "", again=True), "fresh"),
    ],
    [
        Target(
            "first time / memcpy", _FIRST, "out MB/s", 0.15, 0.3, ((_MEMCPY, "out MB/s"),), "higher"
        ),
        Target("again / memcpy", _AGAIN, "out MB/s", 0.4, 0.7, ((_MEMCPY, "out MB/s"),), "higher"),
        Target("pandas / numpy", _PANDAS, "out MB/s", 0.7, 0.9, ((_AGAIN, "out MB/s"),), "higher"),
    ],
    [
        "Ours is a whole `%%aml` cell that takes the array along, timed inside a real kernel: "
        "sent, accepted on disk, run, told as done. dask and ipyparallel are timed until the data "
        "is with the worker, ray until a task has returned that got it; none of them keeps it."
    ],
)

_PIPE = "floor: pipe"
LINES = Group(
    "lines",
    "100,000 printed lines",
    [
        Way(_PIPE, "floor", "lines"),
        Way(_IPYKERNEL, "ipykernel", "lines", {}, "kept"),
        Way("ipyparallel", "ipyparallel", "lines", {}, "kept"),
        Way("ours", "ours", "lines", _KEPT, "kept"),
        Way("ours, fresh", "ours", "lines", _FRESH, "fresh"),
    ],
    [
        Target("ours, kept / pipe", "ours", "lines/s", 0.5, 0.8, ((_PIPE, "lines/s"),), "higher"),
        Target(
            "ours, fresh / pipe",
            "ours, fresh",
            "lines/s",
            0.5,
            0.8,
            ((_PIPE, "lines/s"),),
            "higher",
        ),
        Target(
            "ours, kept / ipykernel",
            "ours",
            "lines/s",
            1,
            1.5,
            ((_IPYKERNEL, "lines/s"),),
            "higher",
        ),
        Target("last line late by, ms (kept)", "ours", "late ms", 50, 10),
        Target("last line late by, ms (fresh)", "ours, fresh", "late ms", 50, 10),
    ],
)

_PLAIN_SERVER, _OUR_SERVER = "jupyter server", "jupyter server with ours"
STARTUP = Group(
    "startup",
    "Imports, Jupyter Server's start, megabytes",
    [
        Way("import jupyter_aml", "start-up", "imports", {}, "fresh"),
        Way("%load_ext jupyter_aml", "start-up", "load_ext", {}, "fresh"),
        Way(_PLAIN_SERVER, "start-up", "server", {"extension": False}, "fresh"),
        Way(_OUR_SERVER, "start-up", "server", {"extension": True}, "fresh"),
        Way("install over a lab", "start-up", "install", cold=True),
    ],
    [
        Target("import jupyter_aml, ms", "import jupyter_aml", "ms", 60),
        Target("%load_ext, ms", "%load_ext jupyter_aml", "ms", 150),
        Target(
            "our share of the server's start, s",
            _OUR_SERVER,
            "s",
            0.10,
            0.05,
            ((_PLAIN_SERVER, "s"),),
            compare="difference",
        ),
        Target("server's start / plain", _OUR_SERVER, "s", 1.05, against=((_PLAIN_SERVER, "s"),)),
        Target("install, MB", "install over a lab", "MB", 25, 10),
        Target("install, distributions", "install over a lab", "dists", 8),
    ],
)

STORE = Group(
    "store",
    "Rows of jobs in the store",
    [
        Way("sqlite3, one row a commit", "store", "plain_commit"),
        Way("ours, one job a commit", "store", "our_commit"),
        Way("sqlite3, 100 rows a commit", "store", "plain_batches"),
        Way("ours, 5,000 writers at once", "store", "our_group_commit"),
        Way("sqlite3, keyset page of 50", "store", "plain_page"),
        Way("ours, page of 50 as JSON", "store", "our_page"),
    ],
    [
        Target(
            "commit / plain sqlite3",
            "ours, one job a commit",
            "us",
            2,
            against=(("sqlite3, one row a commit", "us"),),
        ),
        Target(
            "group commit / batches of 100",
            "ours, 5,000 writers at once",
            "rows/s",
            None,
            0.5,
            (("sqlite3, 100 rows a commit", "rows/s"),),
            "higher",
        ),
        Target(
            "page of 50 of 10,000 / plain",
            "ours, page of 50 as JSON",
            "us",
            3,
            1.5,
            (("sqlite3, keyset page of 50", "us"),),
        ),
    ],
)


def _person_ways(what: str, title: str) -> list[Way]:
    return [
        Way(f"plain cell: {title}", "person", "plain", {"what": what, "count": 10}, "kept"),
        *[
            Way(
                f"{engine}, {mode}: {title}",
                engine,
                "aml",
                {"what": what, "session": session, "count": 10},
                "kept" if session else "fresh",
            )
            for engine in ("person", "person loaded")
            for mode, session in (("fresh", ""), ("session", "kept"))
        ],
    ]


def _person_targets(title: str) -> list[Target]:
    plain = ((f"plain cell: {title}", "done ms"),)
    return [
        Target(f"{way}: {title} / plain cell", f"{way}: {title}", "done ms", 3, 1.7, plain)
        for way in ("person, fresh", "person, session", "person loaded, fresh")
    ]


_KINDS = {"print": "prints", "array": "1 MB numpy array comes back", "plot": "a plot"}
PERSON = Group(
    "person",
    "What a person feels: `%%aml -c local` in a real kernel",
    [way for what, title in _KINDS.items() for way in _person_ways(what, title)],
    [target for title in _KINDS.values() for target in _person_targets(title)],
    ['"loaded": 10,000 finished and 200 queued jobs in the store.'],
)

_WITHOUT, _WITH = "no service running", "a service running"
FIRST = Group(
    "first-cell",
    "The first `%%aml` in a new kernel",
    [
        Way(f"{words}{suffix}", engine, "first_cell", {"service": service}, "fresh", cold=True)
        for engine, suffix in (("person", ""), ("person loaded", ", loaded"))
        for words, service in ((_WITHOUT, False), (_WITH, True))
    ],
    [
        Target(f"{way}, ms", way, "first cell ms", 2500 if _WITHOUT in way else 600)
        for way in (_WITHOUT, _WITH, f"{_WITHOUT}, loaded", f"{_WITH}, loaded")
    ],
)

_READ, _CREATE, _SUBMIT = "a read", "a job is created", "MLClient.jobs.create_or_update"
AZURE_SDK = Group(
    "azure-sdk",
    "The Azure-compatible API: requests over TLS, and the stock SDK",
    [
        Way(_READ, "azure sdk", "reads", {"count": 50}),
        Way(_CREATE, "azure sdk", "create", {"count": 30}),
        Way(_SUBMIT, "azure sdk", "submit", {"count": 10}),
    ],
    [
        Target("a read, ms", _READ, "ms", 5, 1),
        Target("a job is created, ms", _CREATE, "ms", 15, 5),
        Target("MLClient, unchanged code, ms", _SUBMIT, "ms", 60, 40),
    ],
    ["A read is the median over workspace, computes, one compute, jobs, datastores, models."],
)

GROUPS = (
    CELLS,
    BACK_TO_BACK,
    GOING_ON,
    BURST,
    START,
    PRELOADED,
    DATA,
    LINES,
    STARTUP,
    STORE,
    PERSON,
    FIRST,
    SERVING,
    HOP,
    AZURE_SDK,
)
