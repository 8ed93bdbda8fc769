"""Which job made a value that came back to this notebook: the lineage of what is registered.

Nothing is kept alive by it, so values that know no weak references (numbers, lists) have none.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable

_jobs: dict[int, tuple[weakref.ref[object], str]] = {}


def note(job: str, values: Iterable[object]) -> None:
    """Called with everything that a job's result brings."""
    for value in values:
        key = id(value)
        try:
            ref = weakref.ref(value, lambda _, key=key: _jobs.pop(key, None))
        except TypeError:
            continue
        _jobs[key] = ref, job


def job_of(value: object) -> str:
    """The job that made exactly this object; "" if it was made here, or nobody knows."""
    ref, job = _jobs.get(id(value), (None, ""))
    return job if ref is not None and ref() is value else ""
