"""Options that verbs of several nouns have: declared once, so that they read alike everywhere."""

from __future__ import annotations

from jupyter_aml.grammar.kinds import FILE, NAME, PAIR, SETTING, Kind
from jupyter_aml.grammar.language import Option

TAGS = Option(
    flags=("--tag", "--tags"),
    kind=PAIR,
    repeat=True,
    key="tags",
    help="A tag; may be repeated.",
)
PROPERTIES = Option(
    flags=("--property", "--properties"),
    kind=PAIR,
    repeat=True,
    key="properties",
    help="A property; may be repeated.",
)
COMPUTE_TYPES = Kind.choice("amlcompute", "computeinstance")


def name_of(
    noun: str, help: str = "Its name.", *, kind: Kind = NAME, required: bool = True
) -> Option:
    """Which one of those that are there; `noun` is what completion offers."""
    return Option(
        flags=("--name", "-n"),
        kind=kind,
        help=help,
        required=required,
        positional=True,
        completes=noun,
    )


def new_name(help: str = "Its name.", *, kind: Kind = NAME) -> Option:
    """Of one that is to be; not required, since a file may hold it."""
    return Option(flags=("--name", "-n"), kind=kind, help=help, positional=True)


def compute(help: str) -> Option:
    return Option(flags=("--compute", "-c"), kind=NAME, help=help, completes="compute")


def file(help: str, *, positional: bool = False, required: bool = False) -> Option:
    return Option(
        flags=("--file", "-f"), kind=FILE, help=help, positional=positional, required=required
    )


def field_of_file(example: str) -> Option:
    return Option(
        flags=("--set",),
        kind=SETTING,
        repeat=True,
        help=f"Change a field of the file: --set {example}.",
    )


def max_results(default: int, help: str, *, most: int = 1_000_000) -> Option:
    """`help` says what is counted; the default is added."""
    return Option(
        flags=("--max-results", "-r"),
        kind=Kind.integer("COUNT", 1, most),
        default=default,
        help=f"{help}; {default} unless told.",
    )
