"""What was probably meant by a path at which nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_aml.service.doctor.nearest import files_below, nearest

FILES = ("data/train.csv", "data/test.csv", "model.pkl", "old/model.pkl", "labels.json")


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("train.csv", "data/train.csv"),
        ("/home/me/laptop/train.csv", "data/train.csv"),
        ("C:\\data\\train.csv", "data/train.csv"),
        ("../data/test.csv", "data/test.csv"),
        ("lables.json", "labels.json"),
        ("deep/model.pkl", ""),  # two of that name
        ("data/train.csv", ""),  # it is there: something else is wrong
        ("notes.txt", ""),
    ],
)
def test_nearest(path: str, meant: str) -> None:
    assert nearest(path, FILES) == meant


def test_hidden_and_foreign_files_are_not_offered(tmp_path: Path) -> None:
    for name in ("a/b.csv", ".git/b.csv", "node_modules/x/b.csv", ".hidden", "top.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert list(files_below(str(tmp_path))) == ["top.txt", "a/b.csv"]
