"""Words to an `Invocation`: which verb, with which values. Refuses, and says what is nearest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from jupyter_aml.grammar.language import GLOBAL, Noun, Verb
from jupyter_aml.grammar.nouns import BY_NAME
from jupyter_aml.grammar.reader import Reader
from jupyter_aml.grammar.usage import usage
from jupyter_aml.grammar.words import split
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.nearest import nearest


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """What a line asks for. With ``help`` nothing is to be done but to show it.

    ``verb`` is None where the line stops at a noun that needs one.
    """

    noun: Noun
    verb: Verb | None
    values: dict[str, Any] = {}
    workspace: str | None = None
    output: str | None = None
    help: bool = False


def parse_line(line: str, namespace: Mapping[str, Any] | None = None) -> Invocation:
    """What is meant by `line`, the text after ``%aml``. Raises `Invalid`, and nothing else."""
    return parse_words(split(line, namespace))


def parse_words(words: Sequence[str], prefix: str = "%aml") -> Invocation:
    """`parse_line` for words that are apart already, as a shell hands them over."""
    if words and words[0] == "help":
        words = [*words[1:], "--help"]
    noun, verb, rest = _resolve(list(words), prefix)
    asked = any(word in ("--help", "-h") for word in _before_end(rest))
    if verb is None or asked:
        return Invocation(noun=noun, verb=verb, help=asked)
    line = usage(noun, verb, prefix)
    values = Reader((*verb.options, *GLOBAL), line).read(rest)
    _check_one_of(verb, values, line)
    workspace, output, _ = (values.pop(option.name) for option in GLOBAL)
    return Invocation(noun=noun, verb=verb, values=values, workspace=workspace, output=output)


def _check_one_of(verb: Verb, values: Mapping[str, Any], line: str) -> None:
    if verb.one_of and sum(values[name] is not None for name in verb.one_of) != 1:
        flags = [option.flags[0] for option in verb.options if option.name in verb.one_of]
        raise Invalid(
            f"{verb.name} takes exactly one of {' and '.join(flags)}.",
            target=verb.name,
            hint=f"Usage: {line}",
        )


def _before_end(words: list[str]) -> list[str]:
    return words[: words.index("--")] if "--" in words else words


def _resolve(words: list[str], prefix: str) -> tuple[Noun, Verb | None, list[str]]:
    """The noun, the verb (None: show the noun's help) and the words that are left."""
    noun = BY_NAME[""]
    if words and not words[0].startswith("-"):
        word = words.pop(0)
        noun = _noun(word, prefix)
    if not words or words[0].startswith("-"):
        about_all = noun.alone and {"--help", "-h"}.intersection(words)
        return noun, None if about_all else noun.without_verb, words
    if noun.bare is not None:
        return noun, noun.bare, words  # its reader says what is too much
    word = words.pop(0)
    verb = noun.verb(word)
    if verb is None:
        known = [verb.name for verb in noun.verbs]
        raise Invalid(
            f"{noun.name} has no verb {word!r}.",
            target=word,
            hint=f"{nearest(word, known)}Verbs of {noun.name}: {', '.join(known)}.",
        )
    return noun, verb, words


def _noun(word: str, prefix: str) -> Noun:
    if word and word in BY_NAME:
        return BY_NAME[word]
    known = [name for name in BY_NAME if name]
    raise Invalid(
        f"There is no {prefix} {word!r}.",
        target=word,
        hint=f"{nearest(word, known)}There are: {', '.join(known)}. Help: {prefix} --help",
    )
