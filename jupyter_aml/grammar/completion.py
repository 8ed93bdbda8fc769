"""What may come next: verbs, options, and the names of things that exist.

Never raises and never starts anything: a service that does not answer completes to nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from jupyter_aml.grammar.cell import CELL_OPTIONS
from jupyter_aml.grammar.language import GLOBAL, Option
from jupyter_aml.grammar.nouns import BY_NAME, NOUNS
from jupyter_aml.grammar.surface import Client
from jupyter_aml.model.errors import AmlError
from jupyter_aml.model.preferences import Preferences

MOST_JOBS = 50


def complete(
    text: str,
    line: str,
    client: Client | None = None,
    namespace: Mapping[str, Any] | None = None,
) -> list[str]:
    """What `text`, the end of `line` (the text up to the cursor), may become.

    `line` begins with ``%aml``, ``%%aml`` or ``jupyter aml``. Without `client` no names of
    computes, jobs and so on are given.
    """
    words, last = _words(line)
    if not words:
        return []
    options, placed = _expected(words)
    names = _Names(client, namespace or {})
    found = [word for word in _candidates(words, last, options, placed, names) if word]
    # A front end may take only the part after "=" or "," to be completed.
    before = last[: len(last) - len(text)] if last.endswith(text) else ""
    return [
        word[len(before) :]
        for word in dict.fromkeys(found)
        if word.startswith(last) and word.startswith(before)
    ]


def _words(line: str) -> tuple[list[str], str]:
    """The whole words, and the beginning of the one under the cursor."""
    words = line.split()
    last = words.pop() if words and not line[-1:].isspace() else ""
    if words[:2] == ["jupyter", "aml"]:
        words[:2] = ["%aml"]
    return words, last


def _expected(words: list[str]) -> tuple[tuple[Option, ...] | None, list[str]]:
    """The options that may follow (None where a noun or verb is due), and the words after it."""
    command, *rest = words
    if command.endswith("%%aml"):
        return CELL_OPTIONS, rest
    if rest[:1] == ["help"]:
        rest = rest[1:]
    noun = BY_NAME.get(rest[0]) if rest else None
    if noun is None:
        return None, rest
    verb = noun.bare or (noun.verb(rest[1]) if len(rest) > 1 else None)
    if verb is None:
        return None, rest
    return (*verb.options, *GLOBAL), rest[1 if noun.bare else 2 :]


def _candidates(
    words: list[str],
    last: str,
    options: tuple[Option, ...] | None,
    placed: list[str],
    names: _Names,
) -> Iterable[str]:
    if options is None:
        return _nouns_or_verbs(placed)
    by_flag = {flag: option for option in options for flag in option.flags}
    flag, equals, _ = last.partition("=")
    if equals and flag in by_flag:
        return [f"{flag}={value}" for value in names.of(by_flag[flag], last[len(flag) + 1 :])]
    waiting = by_flag.get(words[-1])
    if waiting is not None and waiting.kind is not None:
        return names.of(waiting, last)
    if last.startswith("-"):
        return [flag for flag in by_flag if flag.startswith("--")]
    positional = [option for option in options if option.positional]
    return [value for option in positional[:1] for value in names.of(option, last)]


def _nouns_or_verbs(placed: list[str]) -> list[str]:
    if not placed:
        return [noun.name for noun in NOUNS]
    noun = BY_NAME.get(placed[0])
    return [verb.name for verb in noun.verbs] if noun and len(placed) == 1 else []


class _Names:
    """Names of things, asked for when a completion needs them."""

    def __init__(self, client: Client | None, namespace: Mapping[str, Any]) -> None:
        self._client = client
        self._namespace = namespace

    def of(self, option: Option, last: str) -> list[str]:
        """What `option` may be given, where `last` is already typed."""
        if option.kind is not None and option.kind.choices:
            return list(option.kind.choices)
        if option.completes == "variable":
            return self._list_of_variables(last)
        if option.completes in _HERE:
            return _HERE[option.completes]()
        source = _ASKED.get(option.completes)
        if source is None or self._client is None:
            return []
        try:
            return list(source(self._client))
        except (AmlError, OSError):
            return []  # no service, or one that does not answer: nothing to offer

    def _list_of_variables(self, last: str) -> list[str]:
        """``a,b`` is one word: complete the part after the last comma."""
        before, comma, _ = last.rpartition(",")
        chosen = before.split(",")
        names = [name for name in self._namespace if not name.startswith("_")]
        return [f"{before}{comma}{name}" for name in names if name not in chosen]


_HERE: dict[str, Callable[[], list[str]]] = {
    "variable of the environment": lambda: sorted(os.environ),
    "preference": lambda: [f"{name}=" for name in Preferences.__struct_fields__],
}

_ASKED: dict[str, Callable[[Client], Iterable[str]]] = {
    "compute": lambda client: [c.name for c in client.compute.list().value],
    "job": lambda client: [j.name for j in client.jobs.list(max_results=MOST_JOBS).value],
    "batch endpoint": lambda client: [b.name for b in client.batch_endpoints.list().value],
    "batch deployment": lambda client: [
        name for b in client.batch_endpoints.list().value for name in b.deployments
    ],
    "data": lambda client: [d.name for d in client.data.list().value],
    "datastore": lambda client: [d.name for d in client.datastores.list().value],
    "environment": lambda client: [e.name for e in client.environments.list().value],
    "model": lambda client: [m.name for m in client.models.list().value],
    "endpoint": lambda client: [e.name for e in client.online_endpoints.list().value],
    "deployment": lambda client: sorted(
        {name for e in client.online_endpoints.list().value for name in e.deployments}
    ),
    "experiment": lambda client: sorted(
        {j.experiment_name for j in client.jobs.list(max_results=MOST_JOBS).value}
    ),
    "node": lambda client: [
        node.name
        for c in client.compute.list().value
        for node in client.compute.nodes(c.name).nodes
    ],
    "component": lambda client: [c.name for c in client.components.list().value],
    "connection": lambda client: [c.name for c in client.connections.list().value],
    "schedule": lambda client: [s.name for s in client.schedules.list().value],
    "session": lambda client: [s.name for s in client.sessions.list().value],
    "size": lambda client: [s.name for s in client.compute.sizes().value],
    "workspace": lambda client: [w.name for w in client.workspaces.list().value],
}
