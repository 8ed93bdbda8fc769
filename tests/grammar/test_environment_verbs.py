"""``environment``: list, show, create, build, cancel, diff, archive."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.grammar import Result
from jupyter_aml.model.environment import CreateEnvironment
from jupyter_aml.model.errors import Invalid, NotFound
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


def created(client: FakeClient) -> CreateEnvironment:
    return client.environments.asked[-1][1]


def test_the_list_shows_states_and_sizes(typed: Typed, client: FakeClient) -> None:
    client.environments.add("trees", "Succeeded", bytes=50 << 20, usual_seconds=12.0, python="3.11")
    shown = str(typed("environment list"))
    for words in ("kernel", "trees:1", "50.0 MB", "usually 12 s", "3.11"):
        assert words in shown
    typed("environment list trees --include-archived")
    assert client.environments.asked[-1] == ("list", "trees", True)


def test_the_kernel_is_this_interpreter(typed: Typed) -> None:
    assert typed("environment show kernel").document["interpreter"]
    with pytest.raises(NotFound, match="no environment 'sklaern'"):
        typed("environment show sklaern")


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("trees", ("trees", "")),
        ("trees:1", ("trees", "1")),
        ("trees@latest", ("trees", "latest")),
        ("azureml:trees:1", ("trees", "1")),
        ("trees --version 1", ("trees", "1")),
        ("--name trees -v 1", ("trees", "1")),
    ],
)
def test_every_way_to_name_one(
    typed: Typed, client: FakeClient, words: str, asked: tuple[str, str]
) -> None:
    client.environments.add("trees")
    typed(f"environment show {words}")
    assert client.environments.asked[-1] == ("get", *asked)


def test_two_versions_are_one_too_many(typed: Typed) -> None:
    with pytest.raises(Invalid, match="two versions"):
        typed("environment show trees:1 --version 2")


def test_packages_files_and_words_make_an_environment(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    line = (
        'environment create trees --pip "pandas>=2 tqdm" --pip numpy --requirements r.txt '
        "--conda-file c.yml --python 3.11 --description words --tag a=b --strict"
    )
    result = typed(line)
    assert created(client) == CreateEnvironment(
        name="trees",
        requirements=["pandas>=2", "tqdm", "numpy", "line of r.txt"],
        conda_file="conda of c.yml",
        python="3.11",
        description="words",
        tags={"a": "b"},
        strict=True,
    )
    assert "%aml environment build trees:1" in str(result)
    assert surface.notes == ["Note: x is not given."]


def test_a_version_may_stand_in_the_name(typed: Typed, client: FakeClient) -> None:
    typed("environment create trees:7 --pip a")
    assert (created(client).name, created(client).version) == ("trees", "7")


def test_a_file_makes_one(typed: Typed, client: FakeClient, surface: FakeSurface) -> None:
    typed("environment create -f e.yml --name trees --version 2 --set image=x --strict")
    assert surface.machine.read == [("e.yml", {"image": "x", "name": "trees", "version": "2"})]
    assert created(client).strict
    assert "Note: build is not run." in surface.notes


@pytest.mark.parametrize(
    "line",
    [
        "environment create",
        "environment create trees",
        "environment create trees --description x",
        "environment create trees --set a=b",
        "environment create -f e.yml",
        "environment create -f e.yml --name a --pip b",
    ],
)
def test_what_says_too_little_or_two_things_is_refused(typed: Typed, line: str) -> None:
    with pytest.raises(Invalid):
        typed(line)


def test_a_build_shows_its_log_and_how_it_ended(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.environments.add("trees")
    result = typed("environment build trees")
    assert surface.out == ["-- installing\n"]
    assert (result.exit_code, result.document["state"]) == (0, "Succeeded")
    typed("environment build trees")  # is built: there is no log to show
    assert surface.out == ["-- installing\n"]


def test_a_build_that_fails_says_why(typed: Typed, client: FakeClient) -> None:
    client.environments.builds_end = "Failed"
    result = typed("environment create trees --pip x --build")
    assert result.exit_code == 1
    assert "no package x" in str(result)


def test_the_log_of_the_newest_build(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.environments.add("trees")
    result = typed("environment log trees:1")
    assert surface.out == ["-- installing\n"]
    assert [line["text"] for line in result.document] == ["-- installing"]


def test_a_build_need_not_be_waited_for(typed: Typed, client: FakeClient) -> None:
    client.environments.add("trees")
    assert typed("environment build trees --no-wait").document["state"] == "Building"
    assert typed("environment cancel trees").document["state"] == "Canceled"


def test_a_diff_shows_what_differs(typed: Typed, client: FakeClient) -> None:
    shown = str(typed("environment diff trees"))
    for words in ("trees:1 has", "numpy", "differs", "tqdm", "only here", "not built yet"):
        assert words in shown
    assert "1 are the same, 1 only here, and not in use, 1 only there" in shown
    for package in ("pandas", "sphinx", "wheel"):
        assert package not in shown
        assert package in str(typed("environment diff trees --all"))
    _, _, body, _ = client.environments.asked[-1]
    assert body.packages == {"numpy": "1.0"}
    assert body.python


def test_archived_and_restored(typed: Typed, client: FakeClient) -> None:
    client.environments.add("trees")
    assert typed("environment archive trees").document["archived"] is True
    assert typed("environment restore trees").document["archived"] is False
