"""The reference pages of the verbs: ``jupyter aml`` and ``%aml``, and of ``%%aml``."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_aml.grammar.cell import CELL_OPTIONS, USAGE
from jupyter_aml.grammar.language import GLOBAL, Noun, Option, Verb
from jupyter_aml.grammar.nouns import NOUNS
from jupyter_aml.grammar.usage import meaning, usage
from tools.markdown import block, code, joined, table

PREFIX = "jupyter aml"

EXIT_CODES = (
    ("0", "done"),
    ("1", "refused or failed"),
    ("2", "the command line is wrong; nothing was done"),
    ("3", "there is no such thing"),
    ("4", "the service is not running, or does not answer"),
    ("5", "the job was canceled (`job stream`, `job create --stream`)"),
    ("130", "interrupted by Ctrl-C"),
    ("141", "whoever read the output went away"),
)

INTRODUCTION = f"""\
# Verbs

The same verbs work in a terminal, as `{PREFIX} …`, and in a notebook, as `%aml …`. Nouns and
options are those of `az ml`. A name may be given by `--name` or by its place. In a notebook,
`$name` stands for the value of that variable.
"""

OUTPUT = """\
## Output and exit codes

With `-o json` (or `-o yaml`) standard output is one document and nothing else; everything else
goes to standard error. Keys are snake_case, those of `az ml`; times are RFC 3339 in UTC. An error
is then `{"error": {"code", "message", "target", "hint", "details"}}` on standard error. `job show`,
less what it says of the run itself, is a valid job file.

A table fits the width of the terminal; into a file or a pipe it is written whole and without colour
(`NO_COLOR` is honoured).
"""

DURATIONS = """\
## Durations

`90` is seconds. `10m`, `1h30m`, `2d` and ISO 8601's `PT10M` are understood as well.
"""


def cli() -> str:
    """``cli.md``"""
    return joined(
        INTRODUCTION,
        "## Options of every verb",
        options(GLOBAL),
        *(_noun(noun) for noun in NOUNS),
        OUTPUT,
        table(("exit code", "meaning"), EXIT_CODES),
        DURATIONS,
    )


def _noun(noun: Noun) -> str:
    if noun.bare is not None:
        heading = f"## {noun.name or 'Alone'}"
        return joined(heading, _verb_body(noun, noun.bare))
    verbs = [joined(f"### {noun.name} {verb.name}", _verb_body(noun, verb)) for verb in noun.verbs]
    alone = f"`{noun.name}` alone is `{noun.name} {noun.alone}`." if noun.alone else ""
    return joined(f"## {noun.name}", noun.summary, alone, *verbs)


def _verb_body(noun: Noun, verb: Verb) -> str:
    also = " or ".join(code(f"{noun.name} {alias}") for alias in verb.aliases)
    examples = "\n".join(f"{PREFIX} {example}" for example in verb.examples)
    return joined(
        block(usage(noun, verb, PREFIX)),
        verb.summary + (f" {verb.details}" if verb.details else ""),
        f"`az ml` users may type {also}." if also else "",
        options(verb.options),
        block(examples, "bash") if examples else "",
    )


def options(declared: Iterable[Option]) -> str:
    """The options as a table."""
    rows = [
        (", ".join(map(code, option.flags)), code(option.metavar), meaning(option))
        for option in declared
    ]
    return table(("option", "value", "meaning"), rows)


def magics() -> str:
    """``magics.md``"""
    return joined(
        "# Magics",
        block("%load_ext jupyter_aml", "python"),
        "## `%aml`",
        "`%aml` alone shows what runs, where, since when, and what it costs. "
        "`%aml NOUN VERB` is one of the [verbs](cli.md).",
        "## `%%aml`",
        block(USAGE),
        "Runs the cell as a job. Its output appears as it is produced, the variables that it "
        "assigns come back, and an error is raised here, with the lines of this cell.",
        options(CELL_OPTIONS),
        block("%%aml -c cpu-cluster -n 2 --timeout 10m --no-out\nprint('on both nodes')", "python"),
    )
