"""How a settling generator asks about the programs in it, and who may answer: see the package."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from typing import TypeVar

from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.job import JobSpec

T = TypeVar("T")
Asking = Generator[JobSpec, JobSpec, T]


def drive(asking: Asking[T], check: Callable[[JobSpec], JobSpec]) -> T:
    """Keep nothing: `check` answers."""
    try:
        spec = next(asking)
        while True:
            try:
                answer = check(spec)
            except AmlError as error:
                spec = asking.throw(error)
            else:
                spec = asking.send(answer)
    except StopIteration as end:
        return end.value


async def drive_settling(asking: Asking[T], settle: Callable[[JobSpec], Awaitable[JobSpec]]) -> T:
    """As `drive`; what `settle` answers is kept."""
    try:
        spec = next(asking)
        while True:
            try:
                answer = await settle(spec)
            except AmlError as error:
                spec = asking.throw(error)
            else:
                spec = asking.send(answer)
    except StopIteration as end:
        return end.value


def ask(where: str, spec: JobSpec) -> Asking[JobSpec]:
    """`spec` settled; a refusal says where in the pipeline it stands."""
    try:
        return (yield spec)
    except AmlError as error:
        raise error.at(f"{where}.{error.target}" if error.target else where) from None
