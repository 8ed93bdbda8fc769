"""Thread limits of numerical libraries that are loaded already.

Their environment variables are read when they are loaded, so in a process that was forked from one
which has them loaded (`zygote`), setting the variables does nothing: the libraries are told.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterable

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


LOADED_WITH = 1
"""Threads that the libraries of a zygote were loaded for: see `zygote`."""

_found: list[Callable[[int], object]] = []


def find() -> None:
    """Look for the setters of all loaded libraries. A zygote does so, because it takes long."""
    _found.clear()
    for path in _loaded_libraries():
        for part, names in _SETTERS.items():
            if part in os.path.basename(path):
                _found.extend(_first(path, names))
    for module, function in _PYTHON_SETTERS:
        setter = getattr(sys.modules.get(module), function, None)
        if setter is not None:
            _found.append(setter)


def limit(threads: int) -> None:
    """Let the libraries that were found use `threads` threads from now on."""
    if threads != LOADED_WITH:
        for setter in _found:
            setter(threads)


def _loaded_libraries() -> Iterable[str]:
    try:
        with open("/proc/self/maps") as maps:
            fields = [line.split(maxsplit=5) for line in maps]
    except OSError:
        return ()  # elsewhere nothing was loaded before the job: no fork
    return {entry[5].strip() for entry in fields if len(entry) == 6 and ".so" in entry[5]}


def _first(path: str, names: tuple[str, ...]) -> list[Callable[[int], object]]:
    """That of `names` which the library has, if any."""
    try:
        library = ctypes.CDLL(path, mode=os.RTLD_NOLOAD)
    except OSError:
        return []  # replaced on disk since it was loaded
    for name in names:
        setter = getattr(library, name, None)
        if setter is not None:
            setter.argtypes = [ctypes.c_int]
            setter.restype = None
            return [setter]
    return []
