"""Commands in words that were written for notebooks, as they are typed in a terminal.

The service knows no surface: its hints say ``%aml compute start x``. Used for everything that this
program prints, documents included.
"""

from __future__ import annotations

import re
from typing import Any, cast

_MAGIC = re.compile(r"(?<!%)%aml(?= )")
_SAYS_COMMANDS = frozenset({"hint", "fix"})
"""Fields of documents that tell what to type. Any other text is somebody's own, a cell's say."""


def typed(text: str) -> str:
    """`text` with ``jupyter aml`` for ``%aml``. ``%%aml`` is no command and stays."""
    return _MAGIC.sub("jupyter aml", text)


def typed_document(value: Any) -> Any:
    """`value`, plain data, with the hints in it as a terminal types them."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {key: _field(key, part) for key, part in fields.items()}
    if isinstance(value, list):
        return [typed_document(part) for part in cast("list[Any]", value)]
    return value


def _field(key: str, value: Any) -> Any:
    if key in _SAYS_COMMANDS and isinstance(value, str):
        return typed(value)
    return typed_document(value)
