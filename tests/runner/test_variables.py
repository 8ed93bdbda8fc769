"""Variables that travel with a cell and those it leaves."""

from __future__ import annotations

import os
import pickle
import textwrap
from pathlib import Path
from typing import Any

import cloudpickle
import numpy as np
import pytest

from jupyter_aml.runner import variables
from jupyter_aml.runner.variables import Result
from tests.runner.driver import Node


def test_variables_go_in_and_come_back(node: Node) -> None:
    def triple(x: int) -> int:
        return 3 * x

    job = node.cell(
        "b = triple(a)\nclass K: pass\nimport os\n_hidden = 1", {"a": 2, "triple": triple}
    )
    assert job.wait()["code"] == 0
    found = job.variables()
    assert found["b"] == 6
    assert found["K"].__name__ == "K"
    assert set(found) == {"b", "K"}
    assert job.frame("done")["result"]["kept"] == {}


def test_functions_of_a_cell_are_pickled_by_value(node: Node) -> None:
    job = node.cell("k = 10\ndef add(x):\n    return x + k")
    job.wait()
    assert job.variables()["add"](1) == 11


def test_what_two_variables_share_they_still_share(node: Node) -> None:
    job = node.cell("a = {'x': 1}\nb = [a]\nc = a")
    job.wait()
    found = job.variables()
    assert found["b"][0] is found["a"]
    assert found["c"] is found["a"]


def test_a_value_that_cannot_be_pickled_is_named_and_the_rest_comes(node: Node) -> None:
    job = node.cell(
        "import threading\na = [1]\nlock = threading.Lock()\n"
        "b = a\ngen = (x for x in a)\nc = (a, b)"
    )
    assert job.wait()["code"] == 0
    result = job.frame("done")["result"]
    assert sorted(result["names"]) == ["a", "b", "c"]
    assert sorted(result["kept"]) == ["gen", "lock"]
    assert "lock cannot be pickled" in result["kept"]["lock"]
    found = job.variables()
    assert found["b"] is found["a"] is found["c"][0]


def test_asked_names_only(node: Node) -> None:
    job = node.cell("a = 1\nb = 2\nimport os", collect=["b", "missing", "os"])
    job.wait()
    assert job.variables() == {"b": 2}
    kept = job.frame("done")["result"]["kept"]
    assert kept == {"missing": "the cell did not set it", "os": "it is a module: import it there"}


def test_nothing_asked_nothing_written(node: Node) -> None:
    job = node.cell("a = 1", collect=[])
    job.wait()
    assert not (job.dir / "result.pkl").exists()
    assert job.frame("done")["result"] == {"names": {}, "kept": {}, "lengths": []}


def test_variables_set_before_an_error_come_back_with_the_exception(node: Node) -> None:
    job = node.cell("a = 1\nraise KeyError('gone')")
    assert job.wait()["code"] == 1
    result = job.result()
    assert result["variables"] == {"a": 1}
    assert isinstance(result["exception"], KeyError)


def test_the_value_of_the_last_expression_comes_too(node: Node) -> None:
    job = node.cell("a = [1]\na")
    job.wait()
    result = job.result()
    assert result["value"] is result["variables"]["a"]
    shown = node.cell("(x for x in 'ab')")
    shown.wait()
    assert not (shown.dir / "result.pkl").exists()  # it cannot travel; its text was shown
    silent = node.cell("5", collect=[])
    silent.wait()
    assert not (silent.dir / "result.pkl").exists()


def test_main_is_the_jobs_namespace(node: Node) -> None:
    job = node.cell("import sys\nvars(sys.modules['__main__']) is globals()")
    job.wait()
    assert job.result()["value"] is True


def test_an_exception_that_cannot_be_loaded_again_does_not_spoil_the_result(node: Node) -> None:
    job = node.cell(
        textwrap.dedent(
            """
            class Fussy(Exception):
                def __init__(self, a, b):
                    super().__init__(a)
            good = 1
            raise Fussy(1, 2)
            """
        ),
        collect=["good"],
    )
    job.wait()
    assert job.result() == {"variables": {"good": 1}, "exception": None}


def test_large_arrays_travel_beside_the_pickle(node: Node, tmp_path: Path) -> None:
    arrays = {"x": np.arange(300_000.0), "y": np.ones(7), "z": np.arange(200_000)}
    buffers: list[pickle.PickleBuffer] = []
    blob = cloudpickle.dumps(arrays, protocol=5, buffer_callback=buffers.append)
    segment = tmp_path / "segment"
    lengths = [buffer.raw().nbytes for buffer in buffers]
    content = b""
    for buffer in buffers:
        content += bytes(-len(content) % 64) + buffer.raw().tobytes()
    segment.write_bytes(content)
    (tmp_path / "inputs.pkl").write_bytes(blob)

    job = node.cell(
        "x += 1\ntotal = float(x.sum() + y.sum() + z.sum())\nx = x",
        inputs=str(tmp_path / "inputs.pkl"),
        segment={"path": str(segment), "lengths": lengths},
    )
    assert job.wait()["code"] == 0
    found = job.variables()
    expected = (arrays["x"] + 1).sum() + 7 + arrays["z"].sum()
    assert found["total"] == pytest.approx(expected)
    assert np.array_equal(found["x"], arrays["x"] + 1)
    assert job.frame("done")["result"]["lengths"] == [2_400_000]
    assert job.frame("done")["result"]["names"]["x"] >= 2_400_000
    assert segment.read_bytes() == content  # the cell changed its own copy only


@pytest.mark.parametrize("loads", [pickle.loads, pickle._loads])  # the C one and the Python one
def test_a_result_is_one_plain_pickle(tmp_path: Path, loads: Any) -> None:
    shared = ["s" * 300, {"deep": (1, 2.5, None)}]
    values = {
        "a": shared,
        "ü": shared,
        "big": b"x" * 200_000,
        "n": 10**40,
        "many": list(range(999)),
    }
    result = Result()
    result.put(values, ValueError("v"), (shared,))
    result.write(str(tmp_path), "00ff")
    found = loads((tmp_path / "result.pkl").read_bytes()[32:])
    assert found["variables"] == values
    assert found["variables"]["a"] is found["variables"]["ü"]
    assert str(found["exception"]) == "v"
    assert found["value"] is found["variables"]["a"]
    assert sum(result.names.values()) > 200_000


def test_an_array_that_is_not_contiguous_stays_in_the_pickle(tmp_path: Path) -> None:
    values = {"a": np.arange(1_000_000).reshape(1000, 1000)[::2, ::3]}
    result = Result()
    result.put(values, None)
    assert result.kept == {}
    result.write(str(tmp_path), "")
    blob = (tmp_path / "result.pkl").read_bytes()[32:]
    assert np.array_equal(
        pickle.loads(blob, buffers=[b.tobytes() for b in result.buffers])["variables"]["a"],
        values["a"],
    )


def test_a_large_last_value_comes_only_as_one_of_the_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cell that ends in ``frame`` must not write a gigabyte that nobody asked for."""
    monkeypatch.setattr("jupyter_aml.runner.variables._MOST_VALUE", 3_000_000)
    large = np.arange(500_000)
    for values, value, is_there in [
        ({"n": 1}, large, False),
        ({"n": 1}, "x" * 3_000_001, False),
        ({"n": large}, large, True),
        ({"n": large}, [large, large], True),
        ({"n": 1}, large[:300_000], True),
    ]:
        result = Result()
        result.put(values, None, (value,))
        result.write(str(tmp_path), "00ff")
        buffers = (tmp_path / "result.buf").read_bytes() if result.buffers else b""
        found = pickle.loads((tmp_path / "result.pkl").read_bytes()[32:], buffers=[buffers])
        assert np.array_equal(found["variables"]["n"], values["n"])
        assert ("value" in found) == is_there
        assert len(buffers) == sum(buffer.nbytes for buffer in result.buffers)
        (tmp_path / "result.buf").unlink(missing_ok=True)


@pytest.mark.skipif(os.name == "nt", reason="segments are not mapped there")
def test_a_segment_is_given_back_between_two_cells(tmp_path: Path) -> None:
    import fcntl

    segment = tmp_path / "segment"
    segment.write_bytes(bytes(range(200)))

    def is_held() -> bool:
        with segment.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    views = variables._buffers({"path": str(segment), "lengths": [200]})
    variables.let_go()
    assert is_held()
    assert bytes(views[0]) == segment.read_bytes()
    views.clear()
    assert is_held()  # the cell that drops it does not wait for its pages to be freed
    variables.let_go()
    assert not is_held()
