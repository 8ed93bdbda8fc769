"""What `job update` changes of a job, and what it refuses to."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.grammar import Result
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.job import CommandJob, UpdateJob
from tests.grammar.fake_client import FakeClient

Typed = Callable[[str], Result]


@pytest.fixture(autouse=True)
def _job(client: FakeClient) -> None:
    spec = CommandJob(
        command="x",
        display_name="First",
        description="Words",
        tags={"team": "red", "draft": "yes", "a.b": "dots"},
        properties={"commit": "1f3"},
    )
    client.jobs.add("j", spec=spec)


KEPT = {"team": "red", "draft": "yes", "a.b": "dots"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("--display-name 'The best'", UpdateJob(display_name="The best")),
        ("--description ''", UpdateJob(description="")),
        ("--tag team=blue", UpdateJob(tags=KEPT | {"team": "blue"})),
        ("--tag new=1 --tag team=blue", UpdateJob(tags=KEPT | {"new": "1", "team": "blue"})),
        ("--property run=7", UpdateJob(properties={"commit": "1f3", "run": "7"})),
        ("--set display_name=Best", UpdateJob(display_name="Best")),
        ("--set display_name=7", UpdateJob(display_name="7")),
        ("--set tags.team=blue tags.n=0.1", UpdateJob(tags=KEPT | {"team": "blue", "n": "0.1"})),
        ("--set tags.a.b=other", UpdateJob(tags=KEPT | {"a.b": "other"})),
        ("--set 'tags={\"only\": true}'", UpdateJob(tags={"only": "true"})),
        ("--remove tags.draft", UpdateJob(tags={"team": "red", "a.b": "dots"})),
        ("--remove tags.a.b --remove tags.draft", UpdateJob(tags={"team": "red"})),
        ("--remove tags", UpdateJob(tags={})),
        ("--remove description", UpdateJob(description="")),
        (
            "--tag new=1 --remove tags.draft",
            UpdateJob(tags={"team": "red", "a.b": "dots", "new": "1"}),
        ),
        ("--tag team=red", UpdateJob()),
    ],
)
def test_what_was_said_changes_and_nothing_else(
    typed: Typed, client: FakeClient, line: str, expected: UpdateJob
) -> None:
    result = typed(f"job update j {line}")
    assert client.jobs.updates == [expected]
    assert result.value == client.jobs.all["j"]
    assert client.jobs.all["j"].spec.description in str(result)


@pytest.mark.parametrize(
    ("line", "target", "words"),
    [
        ("", "--display-name", "Nothing was said"),
        ("--set command=other", "--set", "command of a job that was created does not change"),
        ("--set display_name.x=other", "--set", "does not change"),
        ("--set tags=blue", "--set", "keys with values"),
        ("--remove compute", "--remove", "does not change"),
        ("--remove tags.absent", "--remove", "has no tags.absent"),
    ],
)
def test_what_cannot_change_is_refused(
    typed: Typed, client: FakeClient, line: str, target: str, words: str
) -> None:
    with pytest.raises(Invalid, match=words) as refused:
        typed(f"job update j {line}")
    assert refused.value.target == target
    assert refused.value.hint
    assert client.jobs.updates == []


def test_a_job_that_is_not_there(typed: Typed) -> None:
    with pytest.raises(NotFound):
        typed("job update nobody --tag a=b")
