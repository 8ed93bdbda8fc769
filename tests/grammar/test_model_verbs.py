"""``model``: list, show, create, update, download, archive, restore."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jupyter_aml.grammar import Result, complete
from jupyter_aml.model.errors import Invalid
from jupyter_aml.model.registry import CreateModel, Lineage
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


def created(client: FakeClient) -> CreateModel:
    return next(asked[1] for asked in reversed(client.models.asked) if asked[0] == "create")


def test_the_list_says_what_each_is_and_where_it_came_from(
    typed: Typed, client: FakeClient
) -> None:
    flavors = {"python_object": {"class": "x"}, "sklearn": {"version": "1"}}
    client.models.add("digits", flavors=flavors, lineage=Lineage(job="bold_sun"), stage="Staging")
    client.models.add("cats", type="mlflow_model", flavors={"python_function": {}, "torch": {}})
    shown = str(typed("model list"))
    for words in ("digits:1", "sklearn", "Staging", "bold_sun", "cats:1", "mlflow (torch)", "10 B"):
        assert words in shown
    typed("model list digits --stage Production --job-name j --include-archived")
    query = {"stage": "Production", "job": "j", "data": "", "include_archived": True}
    assert client.models.asked[-1] == ("list", "digits", query)


def test_an_empty_list_says_how_to_begin(typed: Typed) -> None:
    assert "%aml model create NAME --from VARIABLE" in str(typed("model list"))


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("digits", ("digits", None)),
        ("digits:2", ("digits", "2")),
        ("digits@latest", ("digits", "latest")),
        ("azureml:digits:2", ("digits", "2")),
        ("--name digits -v 2", ("digits", "2")),
    ],
)
def test_every_way_to_name_one(
    typed: Typed, client: FakeClient, words: str, asked: tuple[str, str | None]
) -> None:
    client.models.add("digits", "2")
    typed(f"model show {words}")
    name, version = asked
    assert client.models.asked[-1] == ("get", name, version or "")


def test_show_tells_both_ends_of_its_life(typed: Typed, client: FakeClient) -> None:
    lineage = Lineage(job="bold_sun", notebook="a.ipynb", cell_id="c1", data=["azureml:d:1"])
    client.models.add("digits", lineage=lineage, deployments=["digits/blue"])
    shown = str(typed("model show digits"))
    for words in ("bold_sun", "a.ipynb (cell c1)", "azureml:d:1", "digits/blue", "/m/digits"):
        assert words in shown


def test_a_variable_is_registered_by_the_notebook(typed: Typed, surface: FakeSurface) -> None:
    shown = str(typed("model create digits:3 --from clf --sample X[:2] --stage Staging --tag a=b"))
    [(variable, wanted)] = surface.registered
    assert variable == "clf"
    assert wanted == CreateModel(
        name="digits", path="", version="3", stage="Staging", tags={"a": "b"}, sample="sample X[:2]"
    )
    assert "%aml deploy digits:1 --endpoint NAME" in shown


def test_a_path_is_made_whole_and_a_reference_is_not(typed: Typed, client: FakeClient) -> None:
    typed("model create digits --path out/model --type mlflow_model")
    assert created(client).path == "/here/out/model"
    assert created(client).type == "mlflow_model"
    assert created(client).lineage.notebook == "a.ipynb"
    typed("model create digits --path azureml://jobs/j/outputs/model")
    assert created(client).path == "azureml://jobs/j/outputs/model"


def test_a_file_describes_one_whole(typed: Typed, client: FakeClient, surface: FakeSurface) -> None:
    typed("model create --file model.yml --set stage=Staging --name digits --version 2")
    settings = {"stage": "Staging", "name": "digits", "version": "2"}
    assert surface.machine.read == [("model.yml", settings)]
    assert created(client).name == "digits"
    assert "datastore is not used here." in surface.notes[0]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("model create --from clf", "needs a name"),
        ("model create digits", "Nothing was named"),
        ("model create digits --from clf --path x", "Both"),
        ("model create digits --from clf --set a=1", "--set changes"),
        ("model create digits --file m.yml --from clf", "cannot be given together"),
        ("model create --file m.yml", "needs a name"),
        ("model update digits", "Nothing was said"),
        ("model show digits:1 --version 2", "two versions"),
    ],
)
def test_what_cannot_be_meant_is_refused(typed: Typed, line: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        typed(line)


def test_update_adds_tags(typed: Typed, client: FakeClient) -> None:
    client.models.add("digits", tags={"a": "1"})
    shown = str(typed("model update digits --stage Production --tag b=2"))
    assert "Production" in shown
    assert "a=1, b=2" in shown


def test_download_archive_and_restore(typed: Typed, client: FakeClient) -> None:
    client.models.add("digits", "2")
    assert str(typed("model download digits -p out")) == "Copied 1 file (10 B) to out."
    assert typed("model download digits").document["download_path"] == "digits"
    assert "Archived digits:2." in str(typed("model archive digits:2"))
    assert "Restored digits:2." in str(typed("model restore digits:2"))


def test_names_of_models_are_completed(client: FakeClient) -> None:
    client.models.add("digits")
    assert complete("di", "%aml model show di", client) == ["digits"]
    assert complete("c", "%aml model create x --from c", client, {"clf": 1}) == ["clf"]


def test_a_package_is_written_with_what_was_asked_for(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.models.add("digits", "2")
    shown = typed("model package digits:2")
    how = {"code": "", "script": "score.py", "sample": "", "prove": True}
    assert surface.machine.read[-1] == ("digits-package", how)
    for words in ("digits:2, packed", "/x/digits-package", "Proven. The same answer.", "ONNX"):
        assert words in str(shown)
    assert shown.exit_code == 0
    typed("model package digits -v 2 -p edge --code mine --script main.py --no-proof")
    how = {"code": "mine", "script": "main.py", "sample": "", "prove": False}
    assert surface.machine.read[-1] == ("edge", how)


def test_a_package_that_is_not_proven_says_so_and_fails(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.models.add("digits", "2")
    surface.machine.packed = {"proof": "failed", "proof_note": "It ended.", "details": ["line 3"]}
    shown = typed("model package digits")
    assert shown.exit_code == 1
    assert "Failed. It ended." in str(shown)
    assert "line 3" in str(shown)
