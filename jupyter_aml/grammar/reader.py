"""Reads the options of one verb, or of a cell, from words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from jupyter_aml.grammar.language import Option
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.nearest import nearest


class Reader:
    """`usage_line` is shown with every refusal."""

    def __init__(self, options: Iterable[Option], usage_line: str) -> None:
        self._options = tuple(options)
        self._by_flag = {flag: option for option in self._options for flag in option.flags}
        self._usage = usage_line

    def read(self, words: Sequence[str]) -> dict[str, Any]:
        """The value of every option by its name; a default where none was given."""
        given: dict[str, Any] = {}
        left = list(words)
        while left:
            word = left.pop(0)
            if word == "--":
                for further in left:
                    self._place(further, given)
                break
            if word.startswith("-") and word != "-":
                self._flag(word, left, given)
            else:
                self._place(word, given)
        return {option.name: self._value(option, given) for option in self._options}

    def _value(self, option: Option, given: dict[str, Any]) -> Any:
        if option.name in given:
            return given[option.name]
        if option.required:
            what = option.metavar if option.positional else option.flags[0]
            raise self._refused(f"{what} is missing.", option.flags[0])
        if option.repeat:
            return []
        return False if option.kind is None else option.default

    def _flag(self, word: str, left: list[str], given: dict[str, Any]) -> None:
        flag, option, value = self._split_flag(word)
        if option.kind is None:
            if value is not None:
                raise self._refused(f"{flag} takes no value.", flag)
            given[option.name] = True
            return
        if value is None:
            if not left or left[0] in self._by_flag or left[0].startswith("--"):
                raise self._refused(f"{flag} needs a value: {flag} {option.metavar}.", flag)
            value = left.pop(0)
        self._keep(option, flag, value, given)
        while option.kind.is_pair and left and "=" in left[0] and not left[0].startswith("-"):
            self._keep(option, flag, left.pop(0), given)

    def _split_flag(self, word: str) -> tuple[str, Option, str | None]:
        """``--flag=value`` and ``-fvalue`` taken apart."""
        if word in self._by_flag:
            return word, self._by_flag[word], None
        flag, equals, value = word.partition("=")
        if equals and flag in self._by_flag:
            return flag, self._by_flag[flag], value
        short = self._by_flag.get(word[:2])
        if short is not None and not word.startswith("--") and short.kind is not None:
            return word[:2], short, word[2:]
        hint = nearest(flag, [flag for flag in self._by_flag if flag.startswith("--")])
        raise self._refused(f"There is no option {flag}.", flag, hint)

    def _place(self, word: str, given: dict[str, Any]) -> None:
        """Take a word without a flag as the next positional option."""
        for option in self._options:
            if option.positional and (option.repeat or option.name not in given):
                self._keep(option, option.flags[0], word, given)
                return
        hint = ""
        if not any(option.positional for option in self._options):
            named = next((option for option in self._options if option.completes), None)
            hint = f"A value needs its option, as in {named.flags[0]} {word}. " if named else ""
        raise self._refused(f"{word!r} is one word too many.", word, hint)

    def _keep(self, option: Option, flag: str, text: str, given: dict[str, Any]) -> None:
        if option.name in given and not option.repeat:
            raise self._refused(f"{flag} is given twice.", flag)
        assert option.kind is not None
        try:
            value = option.kind.read(text)
        except ValueError as error:
            hint = nearest(text, option.kind.choices)
            raise self._refused(f"{flag}: {error}", flag, hint) from None
        if option.repeat:
            given.setdefault(option.name, []).append(value)
        else:
            given[option.name] = value

    def _refused(self, message: str, target: str, hint: str = "") -> Invalid:
        return Invalid(message, target=target, hint=f"{hint}Usage: {self._usage}")
