"""Previews: tables, text, and what is neither; MLTable files as far as they are honoured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.data import mltable, parquet
from jupyter_aml.service.data.preview import COLUMNS, ROWS, preview


def test_delimited_files_are_tables(tmp_path: Path) -> None:
    for name, text in (
        ("a.csv", 'x,y\n1,"a, b"\n'),
        ("b.csv", "x;y\n1;a, b\n"),
        ("c.tsv", "x\ty\n1\ta, b\n"),
    ):
        (tmp_path / name).write_text(text)
        found = preview(tmp_path / name)
        assert (found.kind, found.columns, found.rows) == ("table", ["x", "y"], [["1", "a, b"]])
        assert not found.truncated


def test_a_long_or_wide_table_is_cut_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"c{i}" for i in range(150)) + "\n" + "1,2\n" * 500)
    found = preview(path)
    assert (len(found.columns), len(found.rows), len(found.rows[0])) == (COLUMNS, ROWS, COLUMNS)
    assert found.truncated
    assert "50 more columns" in found.note


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as stream:
        stream.write(b"x,y\n1,2\n")
        stream.truncate(10 << 30)
    found = preview(path)
    assert (found.rows, found.truncated, found.bytes) == ([["1", "2"]], True, 10 << 30)


def test_json_lines_are_a_table_of_every_key(tmp_path: Path) -> None:
    text = '{"a": 1}\n\n{"b": [1, "ü"], "a": null}\n'
    (tmp_path / "a.jsonl").write_text(text, encoding="utf-8")
    found = preview(tmp_path / "a.jsonl")
    assert (found.columns, found.rows) == (["a", "b"], [["1", ""], ["", '[1, "ü"]']])


def test_text_binary_and_images(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("ü".encode() * 40_000)
    (tmp_path / "b.bin").write_bytes(b"\x80\x00\x01")
    (tmp_path / "c.png").write_bytes(b"\x89PNG\r\n")
    text = preview(tmp_path / "a.txt")
    assert (text.kind, set(text.text), text.truncated) == ("text", {"ü"}, True)
    assert preview(tmp_path / "b.bin").kind == "binary"
    image = preview(tmp_path / "c.png")
    assert (image.kind, image.mime_type, image.bytes) == ("image", "image/png", 6)


def test_parquet_without_what_reads_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setattr(parquet, "_READER", "import sys; sys.exit(3)")
    found = preview(tmp_path / "a.parquet")
    assert found.kind == "binary"
    assert "pyarrow" in found.note


def test_parquet_rows_come_from_the_process_that_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    answer = json.dumps({"columns": ["x"], "rows": [["1"]], "truncated": True})
    monkeypatch.setattr(parquet, "_READER", f"print({answer!r})")
    found = preview(tmp_path / "a.parquet")
    assert (found.columns, found.rows, found.truncated) == (["x"], [["1"]], True)


# -- MLTable --------------------------------------------------------------------------------


def table(folder: Path, text: str) -> Path:
    (folder / "part").mkdir(exist_ok=True)
    (folder / "a.csv").write_text("x|y\n1|2\n")
    (folder / "part" / "b.csv").write_text("x|y\n3|4\n5|6\n")
    (folder / "MLTable").write_text(text)
    return folder


READ = "transformations:\n  - read_delimited: {delimiter: '|'}\n"


def test_a_table_is_read_from_every_file_it_names(tmp_path: Path) -> None:
    folder = table(tmp_path, "paths:\n  - file: ./a.csv\n  - folder: ./part\n" + READ)
    found = preview(folder)
    assert (found.columns, found.rows) == (["x", "y"], [["1", "2"], ["3", "4"], ["5", "6"]])


def test_steps_are_taken_and_others_are_named(tmp_path: Path) -> None:
    steps = "  - skip: 1\n  - take: 1\n  - keep_columns: [y]\n  - filter: 'col(\"y\") > 1'\n"
    found = preview(table(tmp_path, "paths: [{pattern: '**/*.csv'}]\n" + READ + steps))
    assert (found.columns, found.rows) == (["y"], [["4"]])
    assert "filter" in found.note


def test_without_a_reader_the_files_are_the_rows(tmp_path: Path) -> None:
    found = preview(table(tmp_path, "paths: [{pattern: '*.csv'}]"))
    assert (found.columns, found.rows) == (["Path"], [["a.csv"]])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "paths: []",
        "paths: [{file: no.csv}]",
        "paths: [{pattern: '*.nothing'}]",
        "paths: [{file: ../outside.csv}]",
        "paths: [{file: /etc/passwd}]",
        "paths: [{file: 'https://host/a.csv'}]",
        "paths: [{other: a.csv}]",
        "paths: [{file: a.csv}]\ntransformations: text",
        "paths: [\n",
        "a: &a [*a]",
    ],
)
def test_an_mltable_that_means_nothing_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "outside.csv").write_text("secret")
    folder = table(tmp_path / "in", text)
    with pytest.raises(Invalid) as refused:
        mltable.check(folder)
    assert "paths" in refused.value.hint or ".." in refused.value.hint
