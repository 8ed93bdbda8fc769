"""What the exit of a session's cell says of its files, so that nobody has to read them."""

from __future__ import annotations

import pytest

from tests.runner.driver import Node


@pytest.mark.parametrize(
    "source", ["print('ä')", "pass", "import sys; print('no', file=sys.stderr)"]
)
def test_of_a_cell_that_left_text_alone_the_exit_says_how_much(node: Node, source: str) -> None:
    job = node.cell(source, session="s")
    sizes = job.wait()["sizes"]
    names = ("stdout.0", "stderr.0", "frames.0")
    assert sizes == [(job.dir / name).stat().st_size for name in names]


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        "1",
        "1/0",
        "import sys; sys.exit('words')",
        "open('new', 'w').close()",
        "from IPython.display import display; display(1)",
        "import sys; print(1); print(2, file=sys.stderr)",
    ],
)
def test_of_any_other_it_says_nothing(node: Node, source: str) -> None:
    job = node.cell(source, session="s", own_folder=True)
    assert "sizes" not in job.wait()
