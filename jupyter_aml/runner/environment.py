"""The environment variables of a job, and what they ask of the process that runs it.

A job does not inherit what the node happens to have: it gets a clean base, the task's own
variables, and what the node says about the task.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from .process_table import MARKER
from .wire import Message

# What a process needs to find its way here, and holds no secrets.
_BASE = frozenset(
    "APPDATA COMSPEC HOME JUPYTER_AML_HOME LANG LANGUAGE LOCALAPPDATA LOGNAME PATH PATHEXT SHELL "
    "SYSTEMDRIVE SYSTEMROOT TEMP TMP TMPDIR TZ USER USERNAME USERPROFILE WINDIR "
    "XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR".split()
)

THREADS = (
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


def needs_own_interpreter(asked: Mapping[str, str], here: Mapping[str, str]) -> bool:
    """Whether variables that the task sets are read before a forked process could set them.

    `here` are those that this process was started with.
    """
    return any(
        name.startswith(_READ_AT_START)
        and name not in _HARMLESS_AT_START
        and here.get(name) != value
        for name, value in asked.items()
    )


def needs_fresh_imports(asked: Mapping[str, str], threads: int) -> bool:
    """Whether variables that the task sets are read by libraries when they are imported."""
    own = dict.fromkeys(THREADS, str(threads))
    return any(
        name.startswith(_READ_AT_IMPORT) and own.get(name) != value for name, value in asked.items()
    )


def build(here: Mapping[str, str], order: Message) -> dict[str, str]:
    """The whole environment of the job that `order` describes. `here` is the node's own."""
    task = order["task"]
    asked = {**task.get("env", {}), **order.get("env", {})}
    base = {name: value for name, value in here.items() if name in _BASE or name.startswith("LC_")}
    base["PATH"] = _path(task.get("python") or sys.executable, base.get("PATH", os.defpath))
    base.update(dict.fromkeys(THREADS, str(order["threads"])))
    base["CUDA_VISIBLE_DEVICES"] = ",".join(order["gpus"])
    if task["kind"] == "command":
        base["PYTHONUNBUFFERED"] = "1"  # a script's lines come as they are printed
    base.update(asked)
    base.update(about(order))
    return base


def about(order: Message) -> dict[str, str]:
    """What a job is told about itself. In a session these change with every cell."""
    task = order["task"]
    return {
        "AZUREML_RUN_ID": task["job"],
        "JUPYTER_AML_JOB": task["job"],
        "JUPYTER_AML_ATTEMPT": str(task["attempt"]),
        "JUPYTER_AML_FRAMES": os.path.join(task["dir"], f"frames.{order['rank']}"),
        MARKER: task["marker"],
    }


def _path(python: str, path: str) -> str:
    """`path` with the interpreter's own folder first, so that ``python`` and ``pip`` are its."""
    folder = os.path.dirname(python)
    if not folder or folder in path.split(os.pathsep)[:1]:
        return path
    return folder + os.pathsep + path
