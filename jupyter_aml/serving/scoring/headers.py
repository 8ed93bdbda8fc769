"""Header lines as a mapping that does not mind upper and lower case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


class Headers(Mapping[str, str]):
    """The headers of a request; of repeated ones the values, joined by a comma."""

    def __init__(self, lines: bytes) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[str, str] = {}
        for line in lines.split(b"\r\n"):
            name, colon, value = line.partition(b":")
            if colon:
                self._add(name.strip().decode("latin-1"), value.strip().decode("latin-1"))

    def _add(self, name: str, value: str) -> None:
        key = name.lower()
        self._names.setdefault(key, "-".join(part.capitalize() for part in name.split("-")))
        before = self._values.get(key)
        self._values[key] = value if before is None else f"{before},{value}"

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.values())

    def __len__(self) -> int:
        return len(self._values)
