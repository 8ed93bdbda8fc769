"""The line of a cell."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_aml.grammar import CellOptions, cell_help, parse_cell
from jupyter_aml.model.errors import Invalid


def test_an_empty_line_leaves_everything_to_the_defaults() -> None:
    assert parse_cell("") == CellOptions()
    assert parse_cell("").outputs is None


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("-c cpu-cluster", {"compute": "cpu-cluster"}),
        ("-ccpu-cluster -n2", {"compute": "cpu-cluster", "nodes": 2}),
        ("-e kernel", {"environment": "kernel"}),
        ("-i a,b -o c", {"inputs": ["a", "b"], "outputs": ["c"]}),
        ("-o a,b -o b,c", {"outputs": ["a", "b", "c"]}),
        ("-o 'a, b'", {"outputs": ["a", "b"]}),
        ("--no-out --detach", {"no_out": True, "detach": True}),
        ("--session work", {"session": "work"}),
        ("--env HOME --env A=1", {"env": {"HOME": None, "A": "1"}}),
        ("--name n --experiment-name 'My work'", {"name": "n", "experiment_name": "My work"}),
        (
            "--data d=azureml:d:1 f=a.csv --data g=azureml://jobs/j/outputs/o",
            {
                "data": {
                    "d": "azureml:d:1",
                    "f": "a.csv",
                    "g": "azureml://jobs/j/outputs/o",
                }
            },
        ),
        ("--timeout 10m --retries 2", {"timeout": 600.0, "retries": 2}),
        ("--tag k=v --tag l=", {"tags": {"k": "v", "l": ""}}),
        ("--help", {"help": True}),
    ],
)
def test_the_line_of_a_cell(line: str, fields: dict[str, Any]) -> None:
    assert parse_cell(line) == CellOptions(**fields)


@pytest.mark.parametrize(
    ("line", "says", "fixes"),
    [
        ("cpu-cluster", "'cpu-cluster' is one word too many", "--compute cpu-cluster"),
        ("--timout 3", "no option --timout", "Did you mean --timeout?"),
        ("--timeout soon", "not a duration", "10m"),
        ("-n 0", "0 is not between 1 and 100", "Usage: %%aml"),
        ("-n 2 -n 3", "given twice", "Usage"),
        ("-o 'a b'", "'a b' is not the name of a variable", "Usage"),
        ("--data azureml:d:1", "not of the form key=value", "Usage"),
        ("--data d=", "names no data", "Usage"),
        ("--data a-b=x", "not the name of a variable", "Usage"),
        ("-o a --no-out", "cannot be given together", "Usage"),
        ("--session a/b", "not a name here", "letters"),
        ("--tag novalue", "key=value", "Usage"),
        ("-c", "-c needs a value: -c NAME", "Usage"),
        ("-c 'x", "cannot be read", "quote"),
    ],
)
def test_a_line_that_means_nothing_is_refused(line: str, says: str, fixes: str) -> None:
    with pytest.raises(Invalid) as caught:
        parse_cell(line)
    assert says in caught.value.message
    assert fixes in caught.value.hint + caught.value.message


def test_a_variable_may_name_the_compute() -> None:
    assert parse_cell("-c $where", {"where": "gpu"}).compute == "gpu"


def test_help_names_every_option() -> None:
    text = cell_help()
    for flag in ("--compute, -c", "--no-out", "--env NAME[=VALUE]", "--timeout DURATION"):
        assert flag in text
