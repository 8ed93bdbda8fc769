"""A traceback shows the person's code and the packages it calls, and nothing that only runs it."""

from __future__ import annotations

import re

import pytest

from jupyter_aml.runner.blame import persons_part
from tests.runner.driver import Job, Node

_COLORS = re.compile(r"\x1b\[[0-9;]*m")
_OURS = re.compile(r"runner/|interactiveshell|compilerop|<ipython-input")


def _shown(job: Job) -> str:
    assert job.wait()["code"] == 1
    return _COLORS.sub("", "\n".join(job.frame("error")["traceback"]))


@pytest.mark.parametrize(
    ("source", "first", "last"),
    [
        ("1/0", "Cell In[7], line 1", "ZeroDivisionError: division by zero"),
        ("x = (1", "Cell In[7], line 1", "SyntaxError: incomplete input"),
        ("return 3", "Cell In[7], line 1", "SyntaxError: 'return' outside function"),
        ("def f():\n  return input('name')\nf()", "line 2, in f()", "Give the value to the cell"),
        ("raise ExceptionGroup('two', [ValueError(1)])", "Cell In[7], line 1", "ValueError: 1"),
        ("-" * 20_000 + "1", "", "Error"),  # too deep for the parser
        ("await missing()", "Cell In[7], line 1", "NameError"),
    ],
)
def test_errors_of_a_cell(node: Node, source: str, first: str, last: str) -> None:
    text = _shown(node.cell(source))
    assert first in text
    assert last in text
    assert not _OURS.search(text), text


def test_errors_before_a_cell(node: Node) -> None:
    text = _shown(node.cell("1", imports=["import nowhere_to_be_found"]))
    assert '"<imports of the notebook>", line 1' in text
    assert text.endswith("No module named 'nowhere_to_be_found'")
    assert "\n\n" not in text
    assert not _OURS.search(text), text


def test_frames_that_hide_themselves_end_it() -> None:
    def hidden() -> None:
        __tracebackhide__ = True
        raise ValueError

    def called() -> None:
        hidden()

    with pytest.raises(ValueError) as caught:  # noqa: PT011  only its frames count
        called()
    names = []
    trace = persons_part(caught.value.__traceback__)
    while trace is not None:
        names.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert names == ["test_frames_that_hide_themselves_end_it", "called"]
