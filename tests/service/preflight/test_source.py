"""What a cell that is being typed tells, without being run."""

from __future__ import annotations

import pytest

from jupyter_aml.service.preflight.source import read


def test_imports_that_certainly_run_are_found_with_their_lines() -> None:
    found = read(
        "%%aml -c gpu\nimport numpy as np, torch.nn\nfrom sklearn.svm import SVC\n"
        "with open('x') as f:\n    import gzip\n"
    )
    assert found.imports == {"numpy": 2, "torch": 2, "sklearn": 3, "gzip": 5}


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    import apex\nexcept ImportError:\n    apex = None\n",
        "if fast:\n    import numba\n",
        "def f():\n    import slow\n",
        "from . import mine\n",
        "from .inner import mine\n",
    ],
)
def test_what_may_not_run_or_is_ones_own_is_not_missed(text: str) -> None:
    assert read(text).imports == {}


@pytest.mark.parametrize(
    "text",
    [
        "%matplotlib inline\nimport a\n",
        "!ls -l {folder}\nimport a\n",
        "x = !ls\nimport a\n",
        "x = %timeit -o f()\nimport a\n",
        "print?\nimport a\n",
        "await f()\nimport a\n",
        "if x:\n    %time y = f(x)\nimport a\n",
    ],
)
def test_what_only_ipython_understands_is_no_mistake(text: str) -> None:
    found = read(text)
    assert found.error == ""
    assert set(found.imports) == {"a"}


def test_what_is_no_python_yet_says_where() -> None:
    found = read("%%aml\nx = 1\ny = (\n")
    assert found.error_line == 3
    assert found.error


def test_a_cell_in_another_language_is_not_read() -> None:
    assert read("%%aml\n%%bash\nimport -window root x.png\n").imports == {}


@pytest.mark.parametrize("line", ["%pip install a", "!pip install -q a", "!uv pip install a"])
def test_a_cell_that_installs_lacks_nothing(line: str) -> None:
    assert read(f"{line}\nimport a\n").installs


def test_text_of_any_kind_is_survived() -> None:
    assert read("\0").imports == {}
    assert read("(" * 5000).imports == {}
    assert read("").imports == {}
