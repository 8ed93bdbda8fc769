"""Thread limits of numerical libraries that are loaded already.

Their environment variables are read when they are loaded, so in a process that was forked from one
which has them loaded (`zygote`), setting the variables does nothing: the libraries are told.

OpenBLAS, when it is told, starts its threads at once. That is dear in a job that does not compute:
with a second thread, each page that the job is the first to write to costs an interrupt of the
other processor, so a short job takes twice as long. But OpenBLAS stops its threads before a fork,
and then starts them when they have something to do. So it is loaded for as many as the node's
jobs get, and told only if a job gets another number.
"""

from __future__ import annotations

import ctypes
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from . import linux

# Part of a library's file name, and the functions one of which it has.
_SETTERS = {
    "openblas": (
        "openblas_set_num_threads",
        "openblas_set_num_threads64_",
        "scipy_openblas_set_num_threads",
        "scipy_openblas_set_num_threads64_",
    ),
    "mkl_rt": ("MKL_Set_Num_Threads",),
    "blis": ("bli_thread_set_num_threads",),
    "libgomp": ("omp_set_num_threads",),
    "libiomp5": ("omp_set_num_threads",),
    "libomp": ("omp_set_num_threads",),
}

_PYTHON_SETTERS = (
    ("torch", "set_num_threads"),
    ("numexpr", "set_num_threads"),
    ("pyarrow", "set_cpu_count"),
)


_OPENBLAS, _OPENBLAS_VARIABLE = "openblas", "OPENBLAS_NUM_THREADS"
_OPENBLAS_STOP = ("blas_thread_shutdown_",)

_SETTLE = 1.0
"""Seconds that threads may take to end."""
_LOADED_WITH = 1
"""Threads that the other libraries of a zygote are loaded for, so that they start none."""

_setters: list[tuple[Callable[[int], object], int]] = []
"""Each with the number of threads that its library was loaded for."""
_stops: list[Callable[[], object]] = []


def before_loading(variables: Iterable[str]) -> None:
    """In a zygote: set those of `variables`, which libraries read when they are loaded."""
    others = (name for name in variables if name != _OPENBLAS_VARIABLE)
    os.environ.update(dict.fromkeys(others, str(_LOADED_WITH)))
    os.environ.setdefault(_OPENBLAS_VARIABLE, str(_LOADED_WITH))


def rest() -> bool:
    """End the threads that their library starts again when it needs them: a fork has it do so.

    False if others are left.
    """
    if linux.threads() == 1:
        return True
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    until = time.monotonic() + _SETTLE
    while linux.threads() > 1 and time.monotonic() < until:
        time.sleep(0.001)  # who waits for a thread's end hears of it before the kernel forgets it
    return linux.threads() == 1


def find() -> None:
    """Look for the setters of all loaded libraries. A zygote does so, because it takes long."""
    _setters.clear()
    _stops.clear()
    openblas = int(os.environ[_OPENBLAS_VARIABLE])
    for path in _loaded_libraries():
        for part, names in _SETTERS.items():
            if part in os.path.basename(path):
                loaded_with = openblas if part == _OPENBLAS else _LOADED_WITH
                _setters.extend((setter, loaded_with) for setter in _first(path, names))
        if _OPENBLAS in os.path.basename(path):
            _stops.extend(_first(path, _OPENBLAS_STOP))
    for module, function in _PYTHON_SETTERS:
        setter = getattr(sys.modules.get(module), function, None)
        if setter is not None:
            _setters.append((setter, _LOADED_WITH))


def limit(threads: int) -> None:
    """Let the libraries that were found use `threads` threads from now on."""
    for setter, loaded_with in _setters:
        if threads != loaded_with:
            setter(threads)


def stop() -> None:
    """At the end of a job, when nothing computes any more: end what OpenBLAS has started."""
    for shut_down in _stops:
        shut_down()


def _loaded_libraries() -> Iterable[str]:
    try:
        with open("/proc/self/maps") as maps:
            fields = [line.split(maxsplit=5) for line in maps]
    except OSError:
        return ()  # elsewhere nothing was loaded before the job: no fork
    return {entry[5].strip() for entry in fields if len(entry) == 6 and ".so" in entry[5]}


def _first(path: str, names: tuple[str, ...]) -> list[Any]:
    """That of `names` which the library has, if any."""
    try:
        library = ctypes.CDLL(path, mode=os.RTLD_NOLOAD)
    except OSError:
        return []  # replaced on disk since it was loaded
    for name in names:
        function = getattr(library, name, None)
        if function is not None:
            function.restype = None
            return [function]
    return []
