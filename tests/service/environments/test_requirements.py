"""Requirements are read with care, and refused where they could not be repeated."""

from __future__ import annotations

import pytest

from jupyter_aml.model.errors import Invalid, TooLarge
from jupyter_aml.service.environments import requirements


def test_comments_continuations_and_doubles_are_resolved() -> None:
    text = [
        "# what we need",
        "pandas >= 2   # tables",
        "",
        "numpy==1.26.4 \\",
        "    --hash=sha256:abc",
        "pandas  >= 2",
        "torch[opt] ; python_version < '3.13'",
        "my @ https://host.invalid/my-1.0.whl#sha256=1",
    ]
    assert requirements.read(text) == [
        "pandas >= 2",
        "numpy==1.26.4 --hash=sha256:abc",
        "torch[opt] ; python_version < '3.13'",
        "my @ https://host.invalid/my-1.0.whl#sha256=1",
    ]


def test_a_whole_file_may_be_one_text() -> None:
    assert requirements.read(["a\nb==1\n"]) == ["a", "b==1"]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("numpy 1.26", "numpy==1.26"),
        ("numpy pandas", "one package a line"),
        ("-r more.txt", "command line"),
        ("-e .", "build a wheel"),
        ("--target=/x", "--find-links"),
        ("./dist/my.whl", "whole path"),
        ("-i https://me:secret@host.invalid/simple", ".netrc"),
        ("!!", "one package a line"),
    ],
)
def test_what_cannot_be_repeated_is_refused_with_what_to_write(line: str, hint: str) -> None:
    with pytest.raises(Invalid) as refused:
        requirements.read(["pandas", line])
    assert refused.value.target == "requirement 2"
    assert hint in refused.value.hint
    assert "secret" not in str(refused.value)


def test_too_many_are_refused() -> None:
    with pytest.raises(TooLarge):
        requirements.read([f"p{n}" for n in range(1001)])


@pytest.mark.parametrize(
    ("text", "name", "condition"),
    [
        ("Scikit_Learn>=1.4,<2", "scikit-learn", ">=1.4,<2"),
        ("torch[opt]==2.1; python_version<'4'", "torch", "==2.1"),
        ("a.b", "a-b", ""),
        ("--no-index", "", ""),
        ("/x/my-1.0-py3-none-any.whl", "", ""),
    ],
)
def test_a_requirement_is_about_a_package(text: str, name: str, condition: str) -> None:
    assert requirements.name_of(text) == name
    if name:
        assert requirements.condition_of(text) == condition


def test_what_the_runner_needs_is_added_unless_it_is_named() -> None:
    needed = ("ipython>=8.18", "cloudpickle>=3")
    assert requirements.with_runner(["IPython==8.20"], needed) == [
        "IPython==8.20",
        "cloudpickle>=3",
    ]


def test_passwords_of_addresses_are_not_repeated() -> None:
    line = "Looking at https://me:secret@host.invalid/simple and http://token@host.invalid"
    assert "secret" not in requirements.redacted(line)
    assert "token" not in requirements.redacted(line)
