"""The vocabulary in which verbs are declared: nouns, verbs, options.

One declaration feeds parsing, completion, help and the reference pages. Declarations are data;
only a verb's ``run`` does something, and it does it through the `Call` it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from jupyter_aml.grammar.kinds import TEXT, Kind
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.surface import Client, Surface
from jupyter_aml.model.errors import Invalid


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One option of a verb, or of a cell.

    ``flags`` are its spellings, the first being the one that help shows; ``positional`` ones may
    also be given by place. ``kind`` is None for a switch, which takes no value. ``completes``
    names what its values are names of ("compute", "job", ...; see `completion`).
    """

    flags: tuple[str, ...]
    help: str
    kind: Kind | None = TEXT
    default: Any = None
    required: bool = False
    repeat: bool = False
    positional: bool = False
    completes: str = ""
    key: str = ""
    """The name of its value in a `Call`; by default that of the first flag."""

    @property
    def name(self) -> str:
        return self.key or self.flags[0].lstrip("-").replace("-", "_")

    @property
    def metavar(self) -> str:
        """What stands for its value in usage lines."""
        return self.kind.metavar if self.kind else ""


class Call(msgspec.Struct, frozen=True):
    """What a verb's ``run`` gets: the values by option name, and its surroundings."""

    client: Client
    surface: Surface
    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def command(self, rest: str) -> str:
        """How a person types a command here, for hints: ``%aml job show x``."""
        return f"{self.surface.prefix} {rest}"

    def given(self, *names: str) -> dict[str, Any]:
        """Those of `names` that the person gave a value."""
        values = {name: self.values[name] for name in names}
        return {name: value for name, value in values.items() if value is not None and value != []}

    def changes(self, *names: str, example: str) -> dict[str, Any]:
        """As `given`, for a verb that changes something. Raises `Invalid` where nothing was said.

        `example` is a command that says something; the error points at its first option.
        """
        found = self.given(*names)
        if not found:
            raise Invalid(
                "Nothing was said of what is to change.",
                target=next(word for word in example.split() if word.startswith("--")),
                hint=self.command(example),
            )
        return found


class Verb(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be done to a noun."""

    name: str
    summary: str
    run: Callable[[Call], Result]
    options: tuple[Option, ...] = ()
    details: str = ""
    examples: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """Other names that are understood but not shown: those of ``az ml`` where ours is shorter."""
    one_of: tuple[str, ...] = ()
    """Names of options of which exactly one is given."""


class Noun(msgspec.Struct, frozen=True, kw_only=True):
    """What verbs are about. A noun without verbs' names (``doctor``) has the one verb ""."""

    name: str
    summary: str
    verbs: tuple[Verb, ...]
    alone: str = ""
    """The name of the verb that the noun alone stands for, where it has several."""

    def verb(self, name: str) -> Verb | None:
        for verb in self.verbs:
            if name == verb.name or name in verb.aliases:
                return verb
        return None

    @property
    def bare(self) -> Verb | None:
        """The only verb, where that has no name."""
        return self.verb("")

    @property
    def without_verb(self) -> Verb | None:
        """What the noun without a verb's name means; None where one has to be named."""
        return self.verb(self.alone)


YES = Option(flags=("--yes", "-y"), kind=None, help="Do not ask before something is lost.")
NO_WAIT = Option(flags=("--no-wait",), kind=None, help="Return at once, before it has happened.")

GLOBAL = (
    Option(
        flags=("--workspace", "--workspace-name", "-w"),
        help="The workspace, if not the current one.",
        completes="workspace",
    ),
    Option(
        flags=("--output", "-o"),
        kind=Kind.choice("table", "json", "yaml"),
        help="How to print what comes back.",
    ),
    Option(flags=("--help", "-h"), kind=None, help="Show help."),
)
"""Options that every verb has."""
