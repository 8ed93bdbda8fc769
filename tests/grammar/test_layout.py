"""Results as text: they fit, and cannot steer a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_aml.grammar import Column, Record, Table
from jupyter_aml.grammar.layout import cells, clean, cut, encodable, render

COLUMNS = [
    Column(title="Name", flexible=True),
    Column(title="State", state=True),
    Column(title="Count", right=True),
    Column(title="Reason", flexible=True),
]


def table(*rows: tuple[str, str, str, str], **fields: str) -> list[Table]:
    return [Table(columns=COLUMNS, rows=rows, **fields)]


def test_columns_are_as_wide_as_they_need_and_empty_ones_are_left_out() -> None:
    text = render(table(("a", "Running", "1", ""), ("bcdef", "Queued", "10", "")))
    assert text == ("Name   State    Count\na      Running      1\nbcdef  Queued      10")


def test_a_narrow_screen_cuts_the_widest_flexible_column() -> None:
    parts = table(("short", "Running", "1", "a reason of many words"))
    text = render(parts, width=34)
    assert max(map(len, text.splitlines())) <= 34
    assert "a reason o…" in text
    assert "short" in text
    assert "a reason of many words" in render(parts)


def test_no_rows_say_why() -> None:
    assert render(table(title="Jobs", empty="No jobs.")) == "Jobs\nNo jobs."
    assert render(table()) == ""


def test_fields_without_a_value_are_left_out_and_long_ones_are_indented() -> None:
    record = Record(title="c1", fields=[("State", "Failed"), ("Size", ""), ("Why", "one\ntwo")])
    assert render([record]) == "c1\nState: Failed\nWhy:   one\n       two"


def test_colours_take_no_room() -> None:
    def paint(text: str, word: str) -> str:
        return f"<{word}>{text}</>"

    text = render(table(("a", "Running", "1", "")), paint=paint)
    assert "<Running>Running</>      1" in text
    assert "</>      1" in text


@pytest.mark.parametrize(
    "nasty", ["\x1b[2J", "\x07", "\r", "\x9b31m", "‮txt.exe", "\u200b", "\ud800"]
)
def test_names_cannot_steer_a_terminal(nasty: str) -> None:
    text = render(table((f"a{nasty}b", "Running", "1", "")))
    assert nasty not in text
    assert "a�" in text


def test_a_cell_is_one_line() -> None:
    text = render(table(("a\nb", "Running", "1", "x\ny")))
    assert "a b" in text
    assert len(text.splitlines()) == 2


@given(st.text(), st.integers(1, 30))
def test_a_cut_fits(text: str, width: int) -> None:
    text = clean(text).replace("\n", " ")
    short = cut(text, width)
    assert cells(short) <= width
    assert short == text or short.endswith("…")


@given(st.lists(st.tuples(*[st.text(max_size=30)] * 4), min_size=1), st.integers(60, 120))
def test_any_table_fits_a_screen(rows: list[tuple[str, str, str, str]], width: int) -> None:
    rows = [(a, state[:8], count[:8], b) for a, state, count, b in rows]
    text = render(table(*rows), width=width)
    assert all(cells(line) <= width for line in text.splitlines())


def test_wide_letters_count_twice() -> None:
    assert cells("日本") == 4
    assert cells("é") == 1
    assert cut("日本語", 4) == "日…"


def test_an_old_terminal_gets_ascii() -> None:
    assert encodable("a … b × ü", "ascii") == "a ... b x \\xfc"
    assert encodable("a … ü", "utf-8") == "a … ü"
    assert encodable("…", "no-such-encoding") == "..."
