"""A value that stayed where it was made, known here by what it looked like."""

from __future__ import annotations

from typing import Any


class Shown:
    """What ``_`` and ``Out[n]`` are when the last value of a cell could not come back."""

    def __init__(self, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        self._data = data
        self._metadata = metadata

    def __repr__(self) -> str:
        text = self._data.get("text/plain", "")
        return text if isinstance(text, str) else "".join(text)

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, Any], dict[str, Any]]:
        return self._data, self._metadata
