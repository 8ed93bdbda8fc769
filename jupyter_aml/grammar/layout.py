"""Results as plain text: columns that fit a screen, and nothing that could steer a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

from jupyter_aml.grammar.parts import Column, Record, Table

GAP = "  "
NARROWEST = 8
"""A flexible column is not cut below this many characters."""

_PLAIN = str.maketrans({"…": "...", "·": "-", "×": "x", "—": "-", "–": "-", "≤": "<=", "≥": ">="})

Paint = Callable[[str, str], str]
"""Takes a padded cell and its word (a state, or "title"); returns the cell with colour."""


def render(
    parts: Sequence[Table | Record],
    notes: Sequence[str] = (),
    *,
    width: int = 0,
    encoding: str = "utf-8",
    paint: Paint | None = None,
) -> str:
    """A result for a screen of `width` characters (0: as wide as it needs).

    Characters that `encoding` lacks are written in ASCII.
    """
    texts = [
        _table(part, width, paint) if isinstance(part, Table) else _record(part, paint)
        for part in parts
    ]
    texts += [clean(note) for note in notes]
    return encodable("\n\n".join(filter(None, texts)), encoding)


def encodable(text: str, encoding: str) -> str:
    """`text`, with what `encoding` lacks written otherwise."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return text.translate(_PLAIN).encode("ascii", "backslashreplace").decode("ascii")
    return text


def clean(text: str) -> str:
    """`text` without characters that move a cursor, colour a screen or turn the line around."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c == "\n" or _harmless(c) else "�" for c in text)


def _harmless(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


def cells(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_width(character) for character in text)


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns; a cut is marked."""
    if cells(text) <= width:
        return text
    kept, taken = "", 1
    for character in text:
        taken += _width(character)
        if taken > width:
            break
        kept += character
    return kept + "…"


# -- tables ---------------------------------------------------------------------------------


def _table(table: Table, width: int, paint: Paint | None) -> str:
    title = [paint(table.title, "title") if paint else table.title] if table.title else []
    if not table.rows:
        return "\n".join([*title, clean(table.empty)]) if table.empty else ""
    rows = [[clean(cell).replace("\n", " ") for cell in row] for row in table.rows]
    shown = [i for i, _ in enumerate(table.columns) if any(row[i] for row in rows)]
    columns = [table.columns[i] for i in shown]
    rows = [[row[i] for i in shown] for row in rows]
    widths = _widths(columns, rows, width)
    head = _line([column.title for column in columns], columns, widths, None)
    lines = [paint(head, "title") if paint else head]
    lines += [_line(row, columns, widths, paint) for row in rows]
    return "\n".join([*title, *lines])


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    widths = [
        max(cells(column.title), *(cells(row[i]) for row in rows))
        for i, column in enumerate(columns)
    ]
    flexible = [i for i, column in enumerate(columns) if column.flexible]
    while width and flexible and sum(widths) + len(GAP) * (len(widths) - 1) > width:
        widest = max(flexible, key=lambda i: widths[i])
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    return widths


def _line(
    row: Sequence[str], columns: Sequence[Column], widths: Sequence[int], paint: Paint | None
) -> str:
    parts: list[str] = []
    for text, column, width in zip(row, columns, widths, strict=True):
        shown = cut(text, width)
        space = " " * (width - cells(shown))
        if paint and column.state:
            shown = paint(shown, text)
        parts.append(space + shown if column.right else shown + space)
    return GAP.join(parts).rstrip()


def _record(record: Record, paint: Paint | None) -> str:
    fields = [(name, clean(value)) for name, value in record.fields if value]
    indent = max((len(name) for name, _ in fields), default=0) + len(GAP)
    lines = [paint(record.title, "title") if paint else record.title] if record.title else []
    for name, value in fields:
        first, *rest = value.split("\n")
        lines.append(f"{name}:".ljust(indent) + first)
        lines += [" " * indent + line for line in rest]
    return "\n".join(lines)
