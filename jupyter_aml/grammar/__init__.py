"""Verbs and options, declared once: for ``%aml``, ``%%aml``, ``jupyter aml``, help and docs.

`parse_line` and `parse_cell` read what was typed; `run` does it with a client and a surface
(a terminal or a notebook); `complete` and `help_text` come from the same declarations. Imports
the model and nothing else of ours.
"""

from __future__ import annotations

from jupyter_aml.grammar.cell import CellOptions, cell_help, parse_cell
from jupyter_aml.grammar.completion import complete
from jupyter_aml.grammar.language import Call
from jupyter_aml.grammar.machine import Check, Machine
from jupyter_aml.grammar.nouns import BY_NAME, NOUNS
from jupyter_aml.grammar.parsing import Invocation, parse_line, parse_words
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.grammar.surface import Client, Surface
from jupyter_aml.grammar.usage import noun_help, overview_help, verb_help

__all__ = [
    "BY_NAME",
    "NOUNS",
    "CellOptions",
    "Check",
    "Client",
    "Column",
    "Invocation",
    "Machine",
    "Record",
    "Result",
    "Surface",
    "Table",
    "cell_help",
    "complete",
    "help_text",
    "parse_cell",
    "parse_line",
    "parse_words",
    "run",
]


def run(client: Client, invocation: Invocation, surface: Surface) -> Result:
    """Do what was asked. Raises `AmlError`s; a verb that shows help only returns it as a note."""
    verb = invocation.verb
    if verb is None or invocation.help:
        name = verb.name if verb else None
        return Result(notes=[help_text(invocation.noun.name, name, prefix=surface.prefix)])
    return verb.run(Call(client, surface, invocation.values))


def help_text(noun: str | None = None, verb: str | None = None, *, prefix: str = "%aml") -> str:
    """Help for everything, for a noun, or for one verb. Raises KeyError for an unknown noun."""
    if not noun:
        return overview_help(NOUNS, prefix)
    found = BY_NAME[noun]
    named = found.verb(verb) if verb else None
    return verb_help(found, named, prefix) if named else noun_help(found, prefix)
