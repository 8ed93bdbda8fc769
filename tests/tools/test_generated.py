"""Generated files are in step with the code they are made from."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.model import feed
from jupyter_aml.model.api import API_PREFIX, ROUTES
from jupyter_aml.model.errors import codes
from jupyter_aml.model.lifecycle import MACHINES
from tools import generated, openapi, reference, typescript
from tools.attribute_docs import attribute_docs, plain

MAKE = "out of step: run `make types` and commit what it wrote"


@pytest.mark.parametrize("tool", [openapi, typescript, reference], ids=lambda t: t.__name__)
def test_what_is_committed_is_what_the_code_says(tool: Any) -> None:
    assert generated.differences(tool.files()) == "", MAKE


def test_the_typescript_types_are_those_of_the_document(tmp_path: Path) -> None:
    program = shutil.which("openapi-typescript", path=generated.ROOT / "node_modules" / ".bin")
    if program is None:
        pytest.skip("the development dependencies of package.json are not installed")
    target = tmp_path / "api.ts"
    options = ["--default-non-nullable=false", "--output", str(target)]
    done = subprocess.run(
        [program, str(openapi.PATH), *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    committed = (generated.ROOT / "src" / "api.ts").read_text("utf-8")
    assert target.read_text("utf-8") == committed, MAKE


def test_the_same_sources_give_the_same_bytes() -> None:
    """Whatever order sets happen to have."""
    code = "from tools import openapi; print(openapi.text())"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=generated.ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


# -- the document ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document()


def test_every_row_of_the_table_is_an_operation(document: dict[str, Any]) -> None:
    found = {
        operation["operationId"]: (method.upper(), path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert found == {r.operation: (r.method, API_PREFIX + r.path) for r in ROUTES}


def test_every_operation_may_answer_with_an_error(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            body = operation["responses"]["default"]["content"]["application/json"]
            assert body["schema"]["$ref"].endswith("/ErrorEnvelope")


def test_every_stream_says_what_its_lines_are(document: dict[str, Any]) -> None:
    assert set(openapi.STREAMS) == {route.operation for route in ROUTES if route.stream}
    events = document["paths"]["/v1/jobs/{name}/events"]["get"]["responses"]["200"]
    assert events["content"]["application/x-ndjson"]["schema"]["$ref"].endswith("/Event")


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_queries_are_parameters_and_fields_of_paths_are_required(
    document: dict[str, Any],
) -> None:
    listed = document["paths"]["/v1/jobs"]["get"]["parameters"]
    assert {p["name"]: (p["in"], p["required"]) for p in listed}["maxResults"] == ("query", False)
    read = document["paths"]["/v1/jobs/{name}/file"]["get"]["parameters"]
    assert [(p["name"], p["in"], p["required"]) for p in read] == [
        ("name", "path", True),
        ("path", "query", True),
        ("offset", "query", False),
    ]
    assert "ListJobs" not in document["components"]["schemas"]


def test_the_codes_and_the_lines_of_the_feed_are_types(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["ErrorCode"]["enum"] == codes()
    assert schemas["ErrorBody"]["properties"]["code"]["$ref"].endswith("/ErrorCode")
    nouns = [
        schemas[ref.rpartition("/")[2]]["properties"]["noun"]["enum"][0]
        for ref in references(schemas["Change"])
    ]
    assert nouns == list(feed.NOUNS)
    assert len(schemas["FeedLine"]["oneOf"]) == 5


def test_texts_under_fields_describe_them(document: dict[str, Any]) -> None:
    size = document["components"]["schemas"]["VmSize"]["properties"]
    assert size["nearest"]["description"].startswith("The nearest size")


# -- TypeScript ---------------------------------------------------------------------------------


def test_the_tables_in_typescript_are_those_of_the_model() -> None:
    text = typescript.lifecycle()
    for machine in MACHINES:
        pattern = rf"export const {machine.noun.upper()} = (\{{.*?\n\}}) as const;"
        found = re.search(pattern, text, re.DOTALL)
        assert found
        quoted = re.sub(r"(\w+):", r'"\1":', found[1]).replace("'", '"')
        assert json.loads(quoted) == {k: list(v) for k, v in machine.moves.items()}
    code = [line for line in text.splitlines() if not line.startswith("/**")]
    assert max(map(len, code)) <= typescript.WIDTH


# -- the tools themselves -----------------------------------------------------------------------


def test_a_difference_is_shown_and_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generated, "ROOT", tmp_path)
    files = {tmp_path / "folder" / "a.txt": "new\n"}
    assert "+new" in generated.differences(files)
    monkeypatch.setattr(sys, "argv", ["tool", "--check"])
    with pytest.raises(SystemExit, match="make types"):
        generated.main(files)
    assert not (tmp_path / "folder").exists()
    monkeypatch.setattr(sys, "argv", ["tool"])
    generated.main(files)
    assert generated.differences(files) == ""
    assert "wrote folder/a.txt" in capsys.readouterr().out
    generated.main(files)
    assert capsys.readouterr().out == ""


def test_docstrings_become_paragraphs() -> None:
    assert plain("One\n    line.\n\n    ``Two``.\n    ") == "One line.\n\n`Two`."
    assert plain(None) == ""
    assert attribute_docs(feed.Hello) == {}
