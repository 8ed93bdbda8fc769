"""The environment variables of a job, and what they ask of the process that runs it.

A job does not inherit what the node happens to have: it gets a clean base, the task's own
variables, and what the node says about the task. The nursery keeps the base only (`clean`), so
that a job has few variables to change: each goes through the C library.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from functools import lru_cache

from .process_table import MARKER
from .wire import Message

STARTED_WITH = dict(os.environ)
"""What this process was started with; imported before anything is changed."""

# What a program needs to find its way on this machine, and holds no secrets.
_BASE = frozenset(
    "APPDATA COMSPEC CONDA_PREFIX CUDA_HOME CUDA_PATH CURL_CA_BUNDLE HOME JAVA_HOME "
    "JUPYTER_AML_HOME JUPYTER_AML_MARKER LANG LANGUAGE LD_LIBRARY_PATH LOCALAPPDATA LOGNAME PATH "
    "PATHEXT REQUESTS_CA_BUNDLE SHELL SSL_CERT_DIR SSL_CERT_FILE SYSTEMDRIVE SYSTEMROOT TEMP TMP "
    "TMPDIR TZ USER USERNAME USERPROFILE VIRTUAL_ENV WINDIR "
    "XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR".split()
)
_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"})

THREADS: tuple[str, ...] = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "NUMBA_NUM_THREADS",
)
"""Read by numerical libraries when they are loaded: how many threads they start."""

# Read by the interpreter, the loader or the allocator when they start, so never after a fork.
_READ_AT_START = ("PYTHON", "LD_", "DYLD_", "MALLOC_", "GLIBC_")
# Of those, what changes nothing in a process that is already running as we need it.
_HARMLESS_AT_START = ("PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8")

# Read by libraries when they are imported: a process that has them loaded already is no use.
_READ_AT_IMPORT = (
    "OMP_", "OPENBLAS_", "MKL_", "KMP_", "GOMP_", "BLIS_", "VECLIB_", "NUMEXPR_", "NUMBA_",
    "RAYON_", "POLARS_", "ARROW_", "MPL", "CUDA_", "NVIDIA_", "NCCL_", "TORCH", "PYTORCH_",
    "TF_", "XLA_", "JAX_", "KERAS_", "HF_", "HUGGINGFACE_", "TRANSFORMERS_", "TOKENIZERS_",
    "SKLEARN_", "SCIPY_", "NPY_", "PANDAS_", "RAY_", "DASK_", "SPARK_", "JAVA_", "GDAL_",
)  # fmt: skip


def clean(environ: MutableMapping[str, str]) -> None:
    """Leave the base only."""
    for name in [name for name, value in environ.items() if not _is_base(name, value)]:
        del environ[name]


def _is_base(name: str, value: str) -> bool:
    if name.upper() in _PROXIES:
        return "@" not in value  # there stands a password
    return name in _BASE or name.startswith("LC_")


def needs_own_interpreter(asked: Mapping[str, str]) -> bool:
    """Whether variables that the task sets are read before a forked process could set them."""
    return any(
        name.startswith(_READ_AT_START)
        and name not in _HARMLESS_AT_START
        and STARTED_WITH.get(name) != value
        for name, value in asked.items()
    )


def needs_fresh_imports(asked: Mapping[str, str], threads: int) -> bool:
    """Whether variables that the task sets are read by libraries when they are imported."""
    asked = {name: value for name, value in asked.items() if name.startswith(_READ_AT_IMPORT)}
    if not asked:
        return False
    usual = {**STARTED_WITH, **dict.fromkeys(THREADS, str(threads))}
    return any(usual.get(name) != value for name, value in asked.items())


def changes(here: Mapping[str, str], task: Message, order: Message) -> dict[str, str]:
    """What a process with the environment `here` has to set for `task`.

    The node works it out: the process itself was just forked, and every step takes it longer.
    `order` is what the node says about this process, less the "environ" that this becomes.
    """
    python = task.get("python") or sys.executable
    place = _place(order["threads"], tuple(order["gpus"]), python, here.get("PATH", os.defpath))
    wanted = {**place, **task.get("env", {}), **order["env"], **about(task, order["rank"])}
    if task["kind"] == "command":
        # A script's lines come as they are printed.
        wanted.setdefault("PYTHONUNBUFFERED", "1")
    return {name: value for name, value in wanted.items() if here.get(name) != value}


@lru_cache(maxsize=16)
def _place(threads: int, gpus: tuple[str, ...], python: str, path: str) -> dict[str, str]:
    """What jobs in the same place have alike."""
    variables = dict.fromkeys(THREADS, str(threads))
    return {**variables, "CUDA_VISIBLE_DEVICES": ",".join(gpus), "PATH": _path(python, path)}


def shared(threads: int, gpus: Sequence[str]) -> dict[str, str]:
    """What all jobs of a node have alike: set once there, so that none has to."""
    variables = dict.fromkeys(THREADS, str(threads))
    variables["CUDA_VISIBLE_DEVICES"] = ",".join(gpus)
    # Each job has values of its own; that the names are there spares the C library from
    # making its table longer for each of them.
    return {**blank(), **variables}


_ABOUT = ("AZUREML_RUN_ID", "JUPYTER_AML_JOB", "JUPYTER_AML_ATTEMPT", "JUPYTER_AML_FRAMES")


def blank() -> dict[str, str]:
    """What a process that waits for a job has instead of `about`."""
    return {**dict.fromkeys(_ABOUT, ""), "JUPYTER_AML_ATTEMPT": "1"}


def about(task: Message, rank: int) -> dict[str, str]:
    """What a job is told about itself. In a session these change with every cell."""
    job = task["job"]
    values = (job, job, str(task["attempt"]), f"{task['dir']}{os.sep}frames.{rank}")
    return {**dict(zip(_ABOUT, values, strict=True)), MARKER: task["marker"]}


def known(how: str) -> dict[str, str]:
    """What the environment of a process has that this node made, or had made, as `how` says."""
    here = dict(os.environ)
    if how == "preloaded":
        for name in THREADS:
            del here[name]  # its libraries were loaded with other limits
    return here


def _path(python: str, path: str) -> str:
    """`path` with the interpreter's own folder first, so that ``python`` and ``pip`` are its."""
    folder = os.path.dirname(python)
    if not folder or folder in path.split(os.pathsep)[:1]:
        return path
    return folder + os.pathsep + path
