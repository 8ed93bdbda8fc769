"""Usage lines and help, made from the declarations."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from jupyter_aml.grammar.language import GLOBAL, Noun, Option, Verb

WIDTH = 100
MOST_OPTIONS = 3
"""How many optional options a usage line names before it says [OPTIONS]."""


def usage(noun: Noun, verb: Verb, prefix: str) -> str:
    """``%aml compute show NAME``"""
    words = [prefix, noun.name, verb.name, *_needed(verb.options)]
    optional = [o for o in verb.options if not o.required and not o.positional]
    words += [_bracketed(option) for option in optional[:MOST_OPTIONS]]
    words += ["[OPTIONS]"] if len(optional) > MOST_OPTIONS else []
    return " ".join(word for word in words if word)


def _needed(options: Iterable[Option]) -> list[str]:
    needed: list[str] = []
    for option in options:
        shown = f"{option.metavar}..." if option.repeat else option.metavar
        if option.positional:
            needed.append(shown if option.required else f"[{shown}]")
        elif option.required:
            needed.append(f"{option.flags[0]} {shown}")
    return needed


def _bracketed(option: Option) -> str:
    return f"[{option.flags[0]} {option.metavar}".rstrip() + "]"


def noun_help(noun: Noun, prefix: str) -> str:
    """All verbs of a noun."""
    if noun.bare is not None:
        return verb_help(noun, noun.bare, prefix)
    rows = [(f"{noun.name} {verb.name}", verb.summary) for verb in noun.verbs]
    last = f"Options of a verb: {prefix} {noun.name} VERB --help"
    return "\n".join([noun.summary, "", *_columns(rows), "", last])


def verb_help(noun: Noun, verb: Verb, prefix: str) -> str:
    """One verb with its options and examples."""
    lines = [f"Usage: {usage(noun, verb, prefix)}", "", verb.summary]
    lines += textwrap.wrap(verb.details, WIDTH)
    if verb.options:
        lines += ["", "Options:", *option_lines(verb.options)]
    lines += ["", "Options of every verb:", *option_lines(GLOBAL)]
    if verb.examples:
        lines += ["", "Examples:", *(f"  {prefix} {example}" for example in verb.examples)]
    return "\n".join(lines)


def overview_help(nouns: Iterable[Noun], prefix: str) -> str:
    """Every noun, with its verbs on one line each."""
    rows = [(noun.name or "(nothing)", noun.summary) for noun in nouns]
    lines = [f"Usage: {prefix} [NOUN] [VERB] [OPTIONS]", "", *_columns(rows)]
    if prefix.startswith("%"):
        lines += ["", f"Run a cell on a compute: %{prefix} -c COMPUTE (help: %{prefix} --help)"]
    lines += ["", f"Verbs of a noun: {prefix} NOUN --help"]
    return "\n".join(lines)


def option_lines(options: Iterable[Option]) -> list[str]:
    """Options and what they mean, in two columns."""
    rows = [
        (f"{', '.join(option.flags)} {option.metavar}".strip(), meaning(option))
        for option in options
    ]
    return _columns(rows)


def meaning(option: Option) -> str:
    """An option's help, with what its declaration adds to it."""
    return option.help + (" Required." if option.required else "")


def _columns(rows: list[tuple[str, str]]) -> list[str]:
    width = max((len(left) for left, _ in rows if len(left) <= 36), default=0) + 2
    lines: list[str] = []
    for left, right in rows:
        wrapped = textwrap.wrap(right, WIDTH - width - 2) or [""]
        if len(left) + 2 > width:
            lines.append(f"  {left}")
        else:
            lines.append(f"  {left.ljust(width)}{wrapped.pop(0)}".rstrip())
        lines += [" " * (width + 2) + line for line in wrapped]
    return lines
