"""Sizes as a person types them: ``10gb``, ``500 MB``, ``1.5g``; a bare number counts bytes."""

from __future__ import annotations

import re

from jupyter_aml.grammar.kinds import Kind

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*(|b|kb?|mb?|gb?|tb?)", re.IGNORECASE)
_POWERS = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def read_size(text: str) -> int:
    """Bytes; units are powers of 1024, as everywhere here."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is not a size. Write 10gb, 500mb or a number of bytes.")
    return int(float(found[1]) * 1024 ** _POWERS[found[2][:1].lower()])


SIZE = Kind("SIZE", read_size)
