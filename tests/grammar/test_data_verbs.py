"""``data`` and ``datastore``: what is asked of the service, and what a person reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.grammar import Result, complete
from jupyter_aml.model.data import CreateData, CreateDatastore, EntryList, Preview, UpdateData
from jupyter_aml.model.errors import Invalid
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


def test_the_list_says_what_each_is_and_who_made_it(typed: Typed, client: FakeClient) -> None:
    client.data.add("digits", created_by_job="bold_sun")
    client.data.add("cats", type="uri_file", files=1)
    shown = str(typed("data list"))
    for words in ("digits:1", "uri_folder", "10 B", "bold_sun", "cats:1", "uri_file"):
        assert words in shown
    typed("data list digits --include-archived")
    assert client.data.asked[-1] == ("list", "digits", True)


def test_an_empty_list_says_how_to_begin(typed: Typed) -> None:
    assert "%aml data create NAME --path PATH" in str(typed("data list"))


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("digits", ("digits", "")),
        ("digits:1", ("digits", "1")),
        ("digits@latest", ("digits", "")),
        ("azureml:digits:1", ("digits", "1")),
        ("--name digits -v 1", ("digits", "1")),
    ],
)
def test_every_way_to_name_one(
    typed: Typed, client: FakeClient, words: str, asked: tuple[str, str]
) -> None:
    client.data.add("digits")
    typed(f"data show {words}")
    assert client.data.asked[-1] == ("get", *asked)
    with pytest.raises(Invalid):
        typed("data show digits:1 -v 2")


def test_show_tells_both_ends_of_its_life(typed: Typed, client: FakeClient) -> None:
    jobs = [f"job_{number}" for number in range(9)]
    client.data.add("digits", created_by_job="bold_sun", used_by_jobs=jobs, tags={"a": "b"})
    shown = str(typed("data show digits"))
    for words in ("bold_sun", "job_0", "and 3 more", "a=b", "10 B in 2 files"):
        assert words in shown


def test_create_copies_with_a_bar(typed: Typed, client: FakeClient, surface: FakeSurface) -> None:
    shown = str(typed("data create digits:2 --path data --type uri_folder --tag a=b -d words"))
    wanted = CreateData(
        name="digits",
        version="2",
        path="/here/data",
        type="uri_folder",
        tags={"a": "b"},
        description="words",
    )
    assert ("create", wanted) in client.data.asked
    assert surface.notes == ["Copying digits: 5 of 10", "Copying digits: 10 of 10"]
    assert "Registered azureml:digits:2" in shown
    typed("data create digits --path azureml://jobs/j/outputs/o --in-place")
    asked = next(one[1] for one in reversed(client.data.asked) if one[0] == "create")
    assert (asked.path, asked.in_place, asked.type) == ("azureml://jobs/j/outputs/o", True, None)


def test_files_go_into_a_datastore_with_a_bar(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    shown = str(typed("datastore upload a.csv"))
    assert client.datastores.asked[-1] == ("upload", "/here/a.csv", "", "workspaceblobstore")
    assert surface.notes == ["Copying a.csv: 8 of 8"]
    for words in ("azureml://datastores/workspaceblobstore/paths/a", "3 files", "2 files"):
        assert words in shown
    typed("datastore upload images --name pictures --target-path 2026/july")
    asked = ("upload", "/here/images", "2026/july", "pictures")
    assert client.datastores.asked[-1] == asked


def test_a_file_describes_it_instead(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    typed("data create digits --file data.yml --set version=2")
    assert surface.machine.read == [("data.yml", {"version": 2, "name": "digits"})]
    assert "Note: datastore is not used here." in surface.notes
    for line in (
        "--file data.yml --path x",
        "--file data.yml",
        "digits",
        "--path x",
        "d --set a=1",
    ):
        with pytest.raises(Invalid) as refused:
            typed(f"data create {line}")
        assert refused.value.hint


def test_update_adds_tags(typed: Typed, client: FakeClient) -> None:
    client.data.add("digits", tags={"a": "1"})
    typed("data update digits --tag b=2 -d words")
    body = UpdateData(description="words", tags={"a": "1", "b": "2"})
    assert ("update", "digits", "", body) in client.data.asked
    with pytest.raises(Invalid):
        typed("data update digits")


def test_browse_and_preview(typed: Typed, client: FakeClient) -> None:
    assert "part/" in str(typed("data browse digits:1"))
    assert client.data.asked[-1] == ("browse", "digits", "", "1")
    client.data.listed = EntryList(value=[], truncated=True)
    assert "Nothing lies here." in str(typed("data browse digits sub"))
    assert client.data.asked[-1] == ("browse", "digits", "sub", "")
    client.data.previewed = Preview(
        kind="table", columns=["x"], rows=[["1"]], truncated=True, note="Careful."
    )
    shown = str(typed("data preview digits a.csv"))
    assert "The first 1 row; there are more." in shown
    assert "Careful." in shown
    for found, words in (
        (Preview(kind="text", text="hello", truncated=True), "hello"),
        (Preview(kind="image", mime_type="image/png", bytes=10), "image/png, 10 B"),
        (Preview(kind="binary", bytes=10), "neither text nor a table"),
        (Preview(kind="table", columns=["x"]), "no rows"),
    ):
        client.data.previewed = found
        assert words in str(typed("data preview digits"))


def test_download_archive_restore(typed: Typed, client: FakeClient) -> None:
    client.data.add("digits")
    assert "Copied 1 file (10 B) to digits." in str(typed("data download digits"))
    assert "to there" in str(typed("data download digits -p there"))
    assert "Archived azureml:digits:1." in str(typed("data archive digits"))
    assert "Restored azureml:digits:1." in str(typed("data restore digits:1"))


def test_names_are_completed(client: FakeClient) -> None:
    client.data.add("digits")
    assert complete("di", "%aml data show di", client) == ["digits"]
    assert complete("work", "%aml datastore browse work", client) == ["workspaceblobstore"]


# -- datastores -----------------------------------------------------------------------------


def test_a_folder_is_named_and_forgotten(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    shown = str(typed("datastore create mine --path data --read-only -d words"))
    wanted = CreateDatastore(name="mine", path="/here/data", read_only=True, description="words")
    assert ("create", wanted) in client.datastores.asked
    assert "azureml://datastores/mine/paths/PATH" in shown
    listed = str(typed("datastore list"))
    assert "default" in listed
    assert "read-only" in listed
    surface.answer = False
    refused = typed("datastore delete mine")
    assert refused.exit_code == 1
    surface.answer = True
    assert "Its files stay" in str(typed("datastore delete mine"))
    typed("datastore create empty")  # a folder of the service's own
    assert ("create", CreateDatastore(name="empty")) in client.datastores.asked
    for line in ("--path x", "--file x.yml"):
        with pytest.raises(Invalid):
            typed(f"datastore create {line}")


def test_files_of_a_datastore(typed: Typed, client: FakeClient) -> None:
    assert "blob" in str(typed("datastore show workspaceblobstore"))
    assert "a.csv" in str(typed("datastore browse workspaceblobstore sub"))
    assert client.datastores.asked[-1] == ("browse", "workspaceblobstore", "sub", "")
    assert "x" in str(typed("datastore preview workspaceblobstore a.csv"))
    copied = str(typed("datastore download workspaceblobstore sub --download-path there"))
    assert "Copied 1 file to there." in copied
