"""A typed line as words: quotes as a shell has them, and variables of the notebook."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping
from typing import Any

from jupyter_aml.model.errors import Invalid

_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


def split(line: str, namespace: Mapping[str, Any] | None = None) -> list[str]:
    """The words of `line`; ``$name`` is the value of that variable of `namespace`.

    A value never becomes more than one word. Things with a name (a job, a compute) stand for it.
    A name that `namespace` lacks is left as it is.
    """
    reader = shlex.shlex(line, posix=True, punctuation_chars=False)
    reader.whitespace_split = True
    reader.commenters = ""
    if os.name == "nt":
        reader.escape = ""  # there, a backslash parts folders
    try:
        words = list(reader)
    except ValueError as error:
        raise Invalid(
            f"The line cannot be read: {str(error).lower()}.",
            target=line.strip(),
            hint="Close the quote, or put the text with the quote between the other kind.",
        ) from None
    return [_filled(word, namespace) for word in words] if namespace else words


def _filled(word: str, namespace: Mapping[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1]
        return _text(namespace[name]) if name in namespace else match[0]

    return _VARIABLE.sub(value, word)


def _text(value: Any) -> str:
    if isinstance(value, str | int | float):
        return str(value)
    name = getattr(value, "name", None)
    return name if isinstance(name, str) else str(value)
