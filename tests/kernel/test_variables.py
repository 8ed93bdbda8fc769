"""What can travel, what cannot, and what is said about it."""

# ruff: noqa: SIM115 - files are left open on purpose, and closed by `close`

from __future__ import annotations

import asyncio
import contextlib
import functools
import io
import mmap
import os
import pickle
import queue
import socket
import sqlite3
import subprocess
import sys
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.kernel.names import analyse
from jupyter_aml.kernel.pickling import OUT_OF_BAND_BYTES, pickled
from jupyter_aml.kernel.variables import Capture, capture
from jupyter_aml.model.errors import CannotTravel, Invalid


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    with contextlib.ExitStack() as found:
        yield found


def take(cell: str, namespace: dict[str, Any], **more: Any) -> Capture:
    return capture(analyse(cell), namespace, **more)


def load(found: Capture) -> dict[str, Any]:
    return pickle.loads(found.pickled.data, buffers=found.pickled.buffers)


# -- what cannot --------------------------------------------------------------------------------


class Holder:
    def __init__(self, inside: object) -> None:
        self.inside = inside


def a_function_of_the_notebook(source: str, **names: Any) -> dict[str, Any]:
    namespace = {"__name__": "__main__", **names}
    exec(source, namespace)
    return namespace


def database() -> Any:
    return contextlib.closing(sqlite3.connect(":memory:"))


def task_of_a_closed_loop() -> Any:
    async def nothing() -> None: ...

    loop = asyncio.new_event_loop()
    future = loop.create_future()
    loop.close()
    return future


OBSTACLES: list[tuple[str, Callable[[], Any], str, str]] = [
    ("generator", lambda: (i for i in [1]), "x is a generator", "list(x)"),
    ("text file", lambda: open(os.devnull), "x is an open file", "Send its path"),
    ("written file", lambda: open(os.devnull, "w"), "x is an open file", "Send its path"),
    ("binary file", lambda: open(os.devnull, "rb"), "x is an open file", "Send its path"),
    ("lock", threading.Lock, "x is a lock", "inside the cell"),
    ("reentrant lock", threading.RLock, "x is a lock", "inside the cell"),
    ("event", threading.Event, "x is an event", "inside the cell"),
    ("thread", threading.Thread, "x is a thread", "inside the cell"),
    ("thread-local", threading.local, "x is data of one thread", "inside the cell"),
    ("queue", queue.Queue, "x is a queue", "as a list"),
    ("socket", socket.socket, "x is an open socket", "connect inside the cell"),
    ("database", database, "x is a database connection", "connect inside the cell"),
    ("future", task_of_a_closed_loop, "x is a future", "send its result"),
    ("executor", lambda: ThreadPoolExecutor(1), "x is bound to threads", "result"),
    ("mmap", lambda: mmap.mmap(-1, 1), "x is a file mapped", "x[:]"),
    ("weak reference", lambda: weakref.ref(test_names_come_along), "x is a weak reference", "x()"),
    ("frame", sys._getframe, "x is a frame", ""),
    ("in a list", lambda: [1, [threading.Lock()]], "x[1][0] is a lock", ""),
    ("in a dict", lambda: {"a": {"log": open(os.devnull)}}, "x['a']['log'] is an open file", ""),
    ("in an object", lambda: Holder([open(os.devnull)]), "x.inside[0] is an open file", ""),
    ("in a partial", lambda: functools.partial(print, threading.Lock()), "x.args[0] is a l", ""),
    ("bound method", lambda: Holder(threading.Lock()).__eq__, "x", ""),
    ("subprocess", lambda: subprocess.Popen(["true"]), "x is a running program", ""),
    ("module made here", lambda: _module(), "x", "inside the cell"),
]


def _module() -> types.ModuleType:
    made = types.ModuleType("made_here")
    made.lock = threading.Lock()  # type: ignore[attr-defined]
    return made


@pytest.mark.parametrize(
    ("make", "where", "fix"), [row[1:] for row in OBSTACLES], ids=[row[0] for row in OBSTACLES]
)
def test_what_cannot_travel_is_named_with_where_and_what_to_do(
    make: Callable[[], Any], where: str, fix: str, stack: contextlib.ExitStack
) -> None:
    value = make()
    if isinstance(value, contextlib.closing):
        value = stack.enter_context(value)
    with pytest.raises(CannotTravel) as raised:
        take("x", {"x": value, "fine": 1})
    close(value)
    assert where in raised.value.message
    assert fix in raised.value.message
    assert raised.value.details
    assert "fine" not in raised.value.message


def close(value: Any) -> None:
    """Leave nothing open, however deep."""
    if isinstance(value, dict):
        for part in value.values():
            close(part)
    elif isinstance(value, list):
        for part in value:
            close(part)
    elif isinstance(value, Holder):
        close(value.inside)
    elif isinstance(value, (io.IOBase, socket.socket, mmap.mmap)):
        value.close()
    elif isinstance(value, ThreadPoolExecutor):
        value.shutdown()
    elif isinstance(value, subprocess.Popen):
        value.wait()


def test_every_one_is_named() -> None:
    with pytest.raises(CannotTravel) as raised:
        take("a, b, c", {"a": threading.Lock(), "b": 1, "c": (i for i in [1])})
    assert raised.value.message.startswith("2 variables of this notebook cannot travel")
    assert raised.value.target == "a, c"
    assert "%%aml -i a,b" in raised.value.hint


def test_a_function_is_searched_for_what_it_uses() -> None:
    namespace = a_function_of_the_notebook(
        "def outer(): return inner()\ndef inner(): return lock", lock=threading.Lock()
    )
    with pytest.raises(CannotTravel) as raised:
        take("outer()", namespace)
    assert "lock, used by inner, used by outer," in raised.value.message


def test_a_closure_is_searched() -> None:
    namespace = a_function_of_the_notebook(
        "def make(held):\n    def f(): return held\n    return f\nf = make(lock)",
        lock=threading.Lock(),
    )
    with pytest.raises(CannotTravel, match="held, used by f, is a lock"):
        take("f()", namespace)


def test_a_tensor_on_a_gpu_is_to_be_copied_first(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = type("Tensor", (), {"is_cuda": True, "__module__": "torch"})
    with pytest.raises(CannotTravel, match=r"x\.cpu\(\)"):
        take("x", {"x": kind()})


def test_a_foreign_class_says_what_it_says() -> None:
    class Odd:
        def __reduce__(self) -> Any:
            raise RuntimeError("never ever")

    with pytest.raises(CannotTravel, match=r"cannot be pickled .*never ever"):
        take("x", {"x": Odd()})


def test_what_may_not_be_needed_is_left_here_where_it_cannot_travel() -> None:
    namespace = {"c": True, "f": threading.Lock(), "k": 1}
    found = take("if c:\n    f = 1\nf, k", namespace)
    assert found.names == ["c", "k"]


def test_what_is_named_must_travel() -> None:
    with pytest.raises(CannotTravel):
        take("if c:\n    f = 1\nf", {"c": True, "f": threading.Lock()}, only=["f"])


def test_the_history_stays_here() -> None:
    with pytest.raises(CannotTravel, match="Out is the history"):
        take("Out[3]", {"Out": {3: 1}}, hidden={"Out": {}})


# -- what can -----------------------------------------------------------------------------------


def test_names_come_along() -> None:
    found = take("a + b", {"a": 1, "b": 2, "c": 3})
    assert found.names == ["a", "b"]
    assert load(found) == {"a": 1, "b": 2}


def test_missing_names_are_nobodys_business() -> None:
    assert take("print(nowhere)", {}).names == []


def test_but_those_given_by_hand_are() -> None:
    with pytest.raises(Invalid, match="no variable nowhere"):
        take("1", {}, only=["nowhere"])


def test_what_ipython_put_there_stays() -> None:
    hidden = {"get_ipython": print, "exit": 1, "_": "last", "_5": "five"}
    found = take("get_ipython().magic(exit, _, _5, mine)", {**hidden, "mine": 1}, hidden=hidden)
    assert sorted(found.names) == ["_", "_5", "mine"]


def test_an_own_variable_of_such_a_name_travels() -> None:
    assert take("exit", {"exit": 2}, hidden={"exit": 1}).names == ["exit"]


def test_modules_become_imports() -> None:
    import xml.dom

    found = take(
        "np.zeros(1), xml.dom.minidom, os.path", {"np": io, "xml": xml, "os": os, "xml2": xml}
    )
    assert "import io as np" in found.imports
    assert "import xml" in found.imports
    assert "import os" in found.imports
    assert found.names == []


def test_a_module_that_was_made_by_hand_goes_by_value() -> None:
    made = types.ModuleType("made_here")
    made.k = 3  # type: ignore[attr-defined]
    assert load(take("made.k", {"made": made}))["made"].k == 3


def test_shared_objects_stay_shared() -> None:
    inner = [1]
    found = load(take("a, b", {"a": inner, "b": {"a": inner}}))
    assert found["b"]["a"] is found["a"]


def test_the_persons_objects_are_not_changed() -> None:
    value = {"k": [1]}
    take("x", {"x": value})
    assert value == {"k": [1]}


def test_large_buffers_stay_out_of_the_pickle() -> None:
    import numpy as np

    array = np.ones(OUT_OF_BAND_BYTES // 8)
    found = take("a", {"a": array})
    assert len(found.pickled.data) < 1000
    assert [view.nbytes for view in found.pickled.buffers] == [array.nbytes]
    assert found.pickled.buffers[0].obj is not None
    assert (load(found)["a"] == array).all()


def test_small_ones_go_in_it() -> None:
    import numpy as np

    found = take("a", {"a": np.ones(20_000)})
    assert found.pickled.buffers == []
    assert (load(found)["a"] == 1).all()


def test_many_middling_ones_count_together() -> None:
    import numpy as np

    found = take("a", {"a": [np.ones(20_000) for _ in range(10)]})
    assert len(found.pickled.buffers) == 10


def test_a_large_pickle_travels_aside_itself() -> None:
    import numpy as np

    values = {"words": [f"word {number}" for number in range(200_000)], "a": np.ones(200_000)}
    values["again"] = values["words"]
    found = take("words, again, a", values)
    assert len(found.pickled.data) < 1000
    assert len(found.pickled.buffers) == 2
    back = load(found)
    assert back["words"] == values["words"]
    assert back["again"] is back["words"]
    assert (back["a"] == 1).all()


def test_arrays_that_are_not_contiguous_travel_too() -> None:
    import numpy as np

    array = np.arange(1_000_000).reshape(1000, 1000)[::2, ::2]
    assert (load(take("a", {"a": array}))["a"] == array).all()


def test_standard_output_is_that_of_the_job() -> None:
    found = pickled({"f": functools.partial(print, file=sys.stdout)}, {})
    assert pickle.loads(found.data)["f"].keywords["file"] is sys.stdout


def test_modules_behind_the_values_are_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "behind.py").write_text("class C: pass\ndef f(): pass")
    monkeypatch.syspath_prepend(tmp_path)
    import behind  # type: ignore[import-not-found]

    namespace = a_function_of_the_notebook("def g(): return f()", f=behind.f)
    assert "behind" in take("g", namespace).modules
    assert "behind" in take("c", {"c": behind.C()}).modules


def test_a_module_to_be_sent_by_value_is_not_needed_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cloudpickle

    (tmp_path / "by_value.py").write_text("def f(): return 7")
    monkeypatch.syspath_prepend(tmp_path)
    import by_value  # type: ignore[import-not-found]

    cloudpickle.register_pickle_by_value(by_value)
    found = take("f()", {"f": by_value.f})
    cloudpickle.unregister_pickle_by_value(by_value)
    assert "by_value" not in found.modules
    assert load(found)["f"]() == 7
