"""Which status may be written after which: asked by every function that writes one."""

from __future__ import annotations

from jupyter_aml.model.errors import Conflict
from jupyter_aml.model.lifecycle import JOB, Machine


def check_way(start: str, finish: str, name: str) -> None:
    """A stored status leads to the next stored one, if not in one step.

    A quick job passes several between two commits; each single step was checked where it was made.
    """
    if start != finish and not JOB.path(start, finish):
        JOB.check(start, finish, name=name)


def check_move(machine: Machine, start: str | None, finish: str, name: str) -> None:
    """A first state is the machine's initial one, or one that may follow it."""
    if finish not in machine.moves:
        raise Conflict(f"{machine.noun} {name!r} cannot be {finish!r}.", target=name)
    origin = machine.initial if start is None else start
    if origin != finish:
        machine.check(origin, finish, name=name)


def check_path(machine: Machine, start: str | None, finish: str, name: str) -> None:
    """A stored state leads to the next stored one, if not in one step (see `check_way`)."""
    origin = machine.initial if start is None else start
    if origin != finish and not machine.path(origin, finish):
        machine.check(origin, finish, name=name)
