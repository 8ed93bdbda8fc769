"""What the functions and classes of a cell take from its top level: Python's own symbol tables."""

from __future__ import annotations

import symtable
from collections.abc import Iterator


class Scopes:
    """The global names that functions and classes read and write, by name and line."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._tables: dict[tuple[str, int], list[symtable.SymbolTable]] | None = None

    def of(self, name: str, line: int) -> tuple[list[str], list[str]]:
        """Globals that the scopes called `name` at `line` read, and those they set."""
        if self._tables is None:
            self._tables = {}
            self._collect(symtable.symtable(self._source, "<cell>", "exec"))
        reads: dict[str, None] = {}
        writes: dict[str, None] = {}
        for table in self._tables.get((name, line), []):
            for symbol in _symbols(table):
                if symbol.is_global() and symbol.is_referenced():
                    reads[symbol.get_name()] = None
                if symbol.is_declared_global() and symbol.is_assigned():
                    writes[symbol.get_name()] = None
        return list(reads), list(writes)

    def _collect(self, table: symtable.SymbolTable) -> None:
        assert self._tables is not None
        for child in table.get_children():
            self._tables.setdefault((child.get_name(), child.get_lineno()), []).append(child)
            self._collect(child)


def _symbols(table: symtable.SymbolTable) -> Iterator[symtable.Symbol]:
    yield from table.get_symbols()
    for child in table.get_children():
        yield from _symbols(child)
