"""A Python object deployed as it is: the script that nobody had to write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

from jupyter_aml.serving.scoring.failure import NotReady
from tests.serving.loading import Make, ask

HEAD = b"POST /score\r\n"


def _deploy(make: Make, folder: Path, thing: Any, **more: Any) -> Any:
    (folder / "model" / "model.pkl").write_bytes(cloudpickle.dumps(thing))
    return make("", kind="callable", script="main.py", **more)


class _Model:
    def predict(self, rows: list[list[float]]) -> list[float]:
        self.asked = len(rows)
        return [sum(row) for row in rows]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ('{"data": [[1, 2], [3, 4]]}', [3, 7]),
        ('{"input_data": [[1, 2]]}', [3]),
        ("[[5, 6]]", [11]),
    ],
)
def test_a_model_is_asked_for_predictions(
    make: Make, tmp_path: Path, body: str, answer: object
) -> None:
    app = _deploy(make, tmp_path, _Model())
    assert json.loads(ask(app, body.encode()).body) == answer
    assert "model.pkl" in (tmp_path / "code" / "main.py").read_text(), "people can read it"


def test_rows_of_requests_that_came_together_are_one_prediction(make: Make, tmp_path: Path) -> None:
    app = _deploy(make, tmp_path, _Model(), micro_batch=8)
    answers = app.answer_all(
        [(HEAD, b"[[1, 1]]"), (HEAD, b'{"data": [[2, 2], [3, 3]]}'), (HEAD, b"[[4, 4]]")]
    )
    assert [json.loads(each.body) for each in answers] == [[2], [4, 6], [8]]


def test_a_function_gets_its_arguments_by_name_or_the_data(make: Make, tmp_path: Path) -> None:
    app = _deploy(make, tmp_path, lambda text, n=2: text * n)
    assert ask(app, b'{"text": "ab"}').body == b'"abab"'
    assert ask(app, b'{"text": "ab", "n": 1}').body == b'"ab"'
    assert ask(app, b'"x"').body == b'"xx"'


def test_a_script_that_is_there_is_left_alone(make: Make, tmp_path: Path) -> None:
    (tmp_path / "code" / "main.py").write_text("def init(): pass\ndef run(data): return 'mine'\n")
    assert ask(_deploy(make, tmp_path, _Model())).body == b'"mine"'


def test_an_object_that_cannot_be_loaded_is_told(make: Make, tmp_path: Path) -> None:
    (tmp_path / "model" / "model.pkl").write_bytes(b"not a pickle")
    with pytest.raises(NotReady) as raised:
        make("", kind="callable", script="main.py")
    assert raised.value.failure.code == "ModelNotLoaded"
