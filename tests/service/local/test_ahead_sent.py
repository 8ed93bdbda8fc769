"""Which of a session's cells are sent to its node before their turn, and which wait."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model.job import CellInputs, Output
from jupyter_aml.service.backends.local.jobs import ahead
from tests.service.local.sessions_ahead import Line


async def test_only_so_many_are_and_more_when_half_have_begun(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ahead, "_MOST", 4)
    names = [f"cell{number}" for number in range(7)]
    await line.hold()
    for name in names:
        await line.send(name, line.gated(name) if name in names[1:3] else "")
    line.fill()
    assert line.ahead == names[:4]
    await line.open_gate("held")
    await line.status(names[1], "Running")
    assert line.ahead == names[2:4]
    await line.open_gate(names[1])
    await line.status(names[2], "Running")
    assert line.ahead == names[3:6]
    await line.open_gate(names[2])
    await line.completed(*names)
    assert line.marks() == ["held", *names]


async def stays(line: Line, prepare: Any = None, **spec: Any) -> None:
    """`second` waits for the service, though `first` is ahead and simple."""
    await line.hold()
    await line.send("first")
    await line.send("second", **spec)
    await line.send("third")
    if prepare is not None:
        prepare()
    line.fill()
    assert line.ahead == ([] if prepare is not None else ["first"])
    await line.open_gate("held")
    await line.completed("first", "second", "third")
    assert line.marks() == ["held", "first", "second", "third"]


async def test_cells_with_outputs_wait_for_the_service(line: Line) -> None:
    await stays(line, outputs={"model": Output(type="uri_folder")})


async def test_cells_with_a_code_folder_wait_for_the_service(line: Line, tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "helper.py").write_text("x = 1\n")
    await stays(line, code=str(code))


async def test_cells_with_large_variables_wait_for_the_service(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their node would hold them all until they begin."""
    monkeypatch.setattr(ahead, "_MOST_BYTES", 100)
    await stays(line, variables=CellInputs(pickle=pickle.dumps({"text": "x" * 200})))


async def test_cells_whose_environment_is_not_ready_wait_for_it(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_ready = line.engine.environments.is_ready
    calls: list[str] = []

    def not_yet(live: Any) -> bool:
        calls.append(live.name)
        return live.name != "second" and is_ready(live)

    monkeypatch.setattr(line.engine.environments, "is_ready", not_yet)
    await line.hold()
    await line.send("first")
    await line.send("second")
    line.fill()
    assert line.ahead == ["first"]
    assert "second" in calls
    monkeypatch.undo()
    await line.open_gate("held")
    await line.completed("first", "second")


async def test_nothing_is_sent_behind_a_slow_cell(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> None:
        monkeypatch.setattr(ahead, "_QUICK_SECONDS", 0.0)

    await stays(line, slow)


async def test_nothing_is_sent_ahead_on_compute_that_costs_something(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The budget's guard ends work between two cells: what is ahead would go on."""
    monkeypatch.setattr(line.engine.nodetime, "tariff", lambda _: object())
    monkeypatch.setattr(line.engine.nodetime, "note", lambda _: None)
    monkeypatch.setattr(line.engine.nodetime, "receipt", lambda *_: None)
    await stays(line, lambda: None)


async def test_nothing_is_sent_ahead_while_a_compute_is_emptied(line: Line) -> None:
    await nothing_while(line, line.compute, "emptying")


async def test_nothing_is_sent_ahead_before_it_is_known_what_an_earlier_service_left(
    line: Line,
) -> None:
    await nothing_while(line, line.engine, "taking_up")


async def nothing_while(line: Line, owner: object, flag: str) -> None:
    """While `flag` of `owner` is set no more is sent; afterwards it is."""
    await line.stand("a")
    await line.send("b")
    setattr(owner, flag, True)
    line.fill()
    assert line.ahead == ["a"]
    setattr(owner, flag, False)
    line.fill()
    assert line.ahead == ["a", "b"]
    await line.open_gate("held")
    await line.completed("held", "a", "b")
