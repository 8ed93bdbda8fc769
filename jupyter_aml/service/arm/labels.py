"""Versions of an asset: which is the latest, and in which order they are listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.references import LATEST


class OneVersion(Protocol):
    """Any struct of ours that is one version of something."""

    @property
    def version(self) -> str: ...
    @property
    def created_at(self) -> str: ...


V = TypeVar("V", bound=OneVersion)


def newest_first(versions: Iterable[V]) -> list[V]:
    """By time of creation, as ``$orderBy=createdtime desc`` asks."""
    return sorted(versions, key=_age, reverse=True)


def latest(versions: Sequence[V], name: str) -> V:
    """What ``azureml:NAME@latest`` means. Raises `NotFound` when there is none."""
    if not versions:
        raise NotFound(f"There is no version of {name!r}.", target=name)
    return newest_first(versions)[0]


def labelled(versions: Sequence[V], name: str, label: str) -> V:
    """The version of a label; ``latest`` is the only one. Raises `NotFound`."""
    if label.lower() != LATEST:
        raise NotFound(
            f"{name!r} has no label {label!r}.", target=name, hint="The only label is latest."
        )
    return latest(versions, name)


def _age(one: OneVersion) -> tuple[str, int]:
    return one.created_at, int(one.version) if one.version.isdecimal() else 0
