"""Every state machine, as tables.

`Machine.check` is called by the one writer of a status (`service.store.rows`). The same tables
become ``src/lifecycle.ts`` (which buttons are enabled), the diagrams of the docs and the rules
of a hypothesis state machine. A status is Azure ML's own word; the reason is another field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from jupyter_aml.model.errors import Conflict


@dataclass(frozen=True)
class Machine:
    """A noun's states: ``moves[state]`` are the states that may follow it."""

    noun: str
    initial: str
    moves: Mapping[str, tuple[str, ...]]

    @property
    def states(self) -> tuple[str, ...]:
        return tuple(self.moves)

    @cached_property
    def final(self) -> frozenset[str]:
        """States that nothing follows."""
        return frozenset(state for state, following in self.moves.items() if not following)

    def may(self, start: str, finish: str) -> bool:
        return finish in self.moves.get(start, ())

    def path(self, start: str, finish: str) -> tuple[str, ...]:
        """The shortest legal way from `start` to `finish`, without `start`; () if there is none."""
        if finish in self.moves.get(start, ()):
            return (finish,)
        ways: list[tuple[str, ...]] = [(start,)]
        seen = {start}
        for way in ways:
            for state in self.moves.get(way[-1], ()):
                if state == finish:
                    return (*way[1:], state)
                if state not in seen:
                    seen.add(state)
                    ways.append((*way, state))
        return ()

    def check(self, start: str, finish: str, *, name: str = "") -> None:
        """Raise `Conflict` if `finish` may not follow `start`."""
        if not self.may(start, finish):
            raise Conflict(f"{self.noun} {name!r} cannot go from {start} to {finish}.", target=name)


JOB = Machine(
    "job",
    initial="NotStarted",
    moves={
        # accepted durably; nothing else has happened
        "NotStarted": ("Queued", "Canceled", "Failed"),
        # waits for a node; the reason says for which and who holds it
        "Queued": ("Preparing", "Running", "CancelRequested", "Canceled", "Failed"),
        # a node is its own: code, inputs and process are made ready
        "Preparing": ("Running", "CancelRequested", "Canceled", "Failed", "Queued"),
        # Completed at once: nothing was left to collect. Queued again: retries are left
        "Running": ("Finalizing", "Completed", "CancelRequested", "Failed", "Queued"),
        # the process ended; outputs are collected
        "Finalizing": ("Completed", "Failed", "Queued", "CancelRequested", "Canceled"),
        "CancelRequested": ("Canceled", "Failed"),
        "Completed": (),
        "Failed": (),
        "Canceled": (),
    },
)

INSTANCE = Machine(
    "instance",
    initial="Creating",
    moves={
        "Creating": ("Running", "CreateFailed", "Deleting"),
        "Starting": ("Running", "Stopped", "Unusable", "Deleting"),
        "Running": ("Stopping", "Restarting", "Unusable", "Deleting"),
        "Restarting": ("Running", "Stopped", "Unusable", "Deleting"),
        "Stopping": ("Stopped", "Unusable", "Deleting"),
        "Stopped": ("Starting", "Deleting"),
        "Unusable": ("Restarting", "Stopping", "Deleting"),
        "CreateFailed": ("Deleting",),
        "Deleting": (),
    },
)

CLUSTER = Machine(
    "cluster",
    initial="Creating",
    moves={
        "Creating": ("Steady", "Resizing", "Failed", "Deleting"),
        "Steady": ("Resizing", "Deleting", "Failed"),
        "Resizing": ("Steady", "Deleting", "Failed"),
        "Failed": ("Resizing", "Deleting"),
        "Deleting": (),
    },
)

ATTACHED = Machine(
    "attached",
    initial="Running",
    moves={
        # it answered when it was attached, or when it was asked last
        "Running": ("Unusable", "Deleting"),
        # it does not answer; it is tried again by itself
        "Unusable": ("Running", "Deleting"),
        # being detached: the machine itself stays as it is
        "Deleting": (),
    },
)

NODE = Machine(
    "node",
    initial="preparing",
    moves={
        "preparing": ("idle", "unusable", "leaving"),
        "idle": ("running", "leaving", "unusable", "preempted"),
        "running": ("idle", "leaving", "unusable", "preempted"),
        "leaving": (),
        "preempted": (),
        "unusable": ("leaving",),
    },
)

ENVIRONMENT = Machine(
    "environment",
    initial="NotBuilt",
    moves={
        # known by its content; built when a job needs it, or when asked
        "NotBuilt": ("Building",),
        # NotBuilt again: the service that built it was killed
        "Building": ("Succeeded", "Failed", "Canceled", "NotBuilt"),
        # NotBuilt again: its folder was removed, or its interpreter is gone
        "Succeeded": ("NotBuilt",),
        "Failed": ("Building",),
        "Canceled": ("Building",),
    },
)

ENDPOINT = Machine(
    "endpoint",
    initial="Creating",
    moves={
        # its router starts
        "Creating": ("Succeeded", "Failed", "Deleting"),
        # the router answers; what is behind it, its deployments say
        "Succeeded": ("Updating", "Failed", "Deleting"),
        "Updating": ("Succeeded", "Failed", "Deleting"),
        # its port is taken, or its router ends again and again; an update tries once more
        "Failed": ("Updating", "Succeeded", "Deleting"),
        "Deleting": (),
    },
)

DEPLOYMENT = Machine(
    "deployment",
    initial="Creating",
    moves={
        # environment, code and model are made ready, the first instances start
        "Creating": ("Succeeded", "Failed", "Deleting"),
        # at least one instance answers, or it sleeps because that was asked for
        "Succeeded": ("Updating", "Scaling", "Failed", "Deleting"),
        "Updating": ("Succeeded", "Failed", "Deleting"),
        "Scaling": ("Succeeded", "Updating", "Failed", "Deleting"),
        # no instance stays up; an update, or a restart that helps, leaves it
        "Failed": ("Updating", "Succeeded", "Deleting"),
        "Deleting": (),
    },
)

MACHINES = (JOB, INSTANCE, CLUSTER, ATTACHED, NODE, ENVIRONMENT, ENDPOINT, DEPLOYMENT)

JOB_ACTIVE = frozenset(JOB.moves) - JOB.final
