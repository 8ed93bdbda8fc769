"""Azure ML's expressions in a command."""

from __future__ import annotations

import pytest

from jupyter_aml.model.errors import Invalid
from jupyter_aml.service.backends.local.jobs import expressions

VALUES = {"inputs.lr": "0.1", "inputs.data": "/d ata", "outputs.model": "/out", "name": "j1"}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("train --lr ${{inputs.lr}}", "train --lr 0.1"),
        ("train --lr ${{ inputs.lr }} > ${{outputs.model}}/x", "train --lr 0.1 > /out/x"),
        ("echo ${{name}} ${HOME} $((1+1))", "echo j1 ${HOME} $((1+1))"),
        ("train $[[--lr ${{inputs.lr}}]]", "train --lr 0.1"),
        ("train $[[--seed ${{inputs.seed}}]]", "train "),
        ("no expression", "no expression"),
    ],
)
def test_resolve(text: str, result: str) -> None:
    assert expressions.resolve(text, VALUES) == result


def test_an_unknown_name_is_refused_and_says_what_is_known() -> None:
    with pytest.raises(Invalid, match=r"\$\{\{inputs.rate\}\}") as caught:
        expressions.resolve("--lr ${{inputs.rate}}", VALUES)
    assert "inputs.lr" in caught.value.hint


def test_check_needs_no_values() -> None:
    expressions.check("x ${{inputs.a}} ${{outputs.b}} ${{name}}", {"a": 1}, {"b": 1}, {})
    with pytest.raises(Invalid):
        expressions.check("x ${{inputs.c}}", {"a": 1}, {}, {})
