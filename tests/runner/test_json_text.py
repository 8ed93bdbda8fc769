"""Messages as JSON: the same text that `json` makes, only sooner."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from jupyter_aml.runner import json_text

VALUES = [
    {"op": "exited", "code": None, "list": [1, -2.5, True], "inside": {"ä": '"\\\n'}},
    [],
    "text",
    1e300,
]


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("value", VALUES)
def test_text_is_that_of_json(value: Any, ascii_only: bool) -> None:
    text = json_text.make_dumps(ascii_only=ascii_only)(value)
    assert text == json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"))
    assert json_text.loads(text.encode()) == value


def test_what_json_has_not_is_refused() -> None:
    dumps = json_text.make_dumps(ascii_only=True)
    for number in (math.nan, math.inf, -math.inf):
        with pytest.raises(ValueError, match="not JSON compliant"):
            dumps({"value": number})
    with pytest.raises(TypeError):
        dumps({"value": object()})


def test_an_interpreter_that_is_built_differently(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("json.encoder.c_make_encoder", None)
    assert json_text.make_dumps(ascii_only=True)({"a": [1]}) == '{"a":[1]}'
