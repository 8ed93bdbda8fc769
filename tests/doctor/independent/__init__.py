"""Failures chosen by somebody who had not seen the doctor's rules, nor the logs they were made for.

``python -m tests.doctor.provoke --independent [NAME…]`` runs each as a job of a real service and
keeps what it left in ``corpus/independent``. Only the names of the rules were known, from the
headings of the troubleshooting page. One file here per kind of failure.
"""

from __future__ import annotations

from tests.doctor.independent import (
    disk,
    ends,
    memory,
    modules,
    paths,
    pickling,
    ports,
    silent,
    starts,
    versions,
)

PROGRAMS = (
    *memory.PROGRAMS,
    *modules.PROGRAMS,
    *pickling.PROGRAMS,
    *versions.PROGRAMS,
    *disk.PROGRAMS,
    *starts.PROGRAMS,
    *paths.PROGRAMS,
    *ports.PROGRAMS,
    *ends.PROGRAMS,
    *silent.PROGRAMS,
)
