"""gitignore's rules, as far as snapshots need them."""

from __future__ import annotations

import pytest

from jupyter_aml.model.ignore import Ignore, ignored


@pytest.mark.parametrize(
    ("patterns", "path", "folder", "out"),
    [
        ("*.csv", "a.csv", False, True),
        ("*.csv", "deep/er/a.csv", False, True),
        ("/a.csv", "deep/a.csv", False, False),
        ("data/", "data", True, True),
        ("data/", "data", False, False),
        ("data/", "x/data", True, True),
        ("a/b", "a/b", False, True),
        ("a/b", "x/a/b", False, False),
        ("**/b", "x/y/b", False, True),
        ("a/**/b", "a/b", False, True),
        ("a/**/b", "a/x/y/b", False, True),
        ("logs/**", "logs/x/y", False, True),
        ("f?o", "foo", False, True),
        ("f?o", "f/o", False, False),
        ("[ab].py", "a.py", False, True),
        ("[!ab].py", "a.py", False, False),
        ("# c", "# c", False, False),
        (r"\#c", "#c", False, True),
        ("*.py\n!keep.py", "keep.py", False, False),
        ("*.py\n!keep.py", "x.py", False, True),
        ("", "x", False, False),
        ("a.b", "aXb", False, False),
    ],
)
def test_rules(patterns: str, path: str, folder: bool, out: bool) -> None:
    assert ignored([Ignore(patterns.split("\n"))], path, is_folder=folder) is out


def test_a_deeper_file_decides() -> None:
    stack = [Ignore(["*.csv"]), Ignore(["!a.csv"], base="data")]
    assert ignored(stack, "a.csv", is_folder=False)
    assert not ignored(stack, "data/a.csv", is_folder=False)
