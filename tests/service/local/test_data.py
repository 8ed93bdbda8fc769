"""Jobs and data on the local workspace: every mode, outputs that become assets, and lineage."""

from __future__ import annotations

import functools
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_aml.client import Client
from jupyter_aml.model.data import CreateData, CreateDatastore
from jupyter_aml.model.errors import AmlError, Conflict, Forbidden, Invalid, NotFound
from jupyter_aml.model.job import CellJob, CommandJob, Input, Output
from tests.service.local.test_workspace import ended, run, text


@pytest.fixture
def table(client: Client, tmp_path: Path) -> Path:
    """A folder, registered as ``table:1``, which is an MLTable of one of its two files."""
    folder = tmp_path / "table"
    folder.mkdir()
    (folder / "a.csv").write_text("x,y\n1,2\n")
    (folder / "other.txt").write_text("not of the table")
    (folder / "MLTable").write_text("paths: [{pattern: '*.csv'}]\n")
    client.data.create(CreateData(name="table", path=str(folder)))
    return folder


def test_every_mode_gives_the_job_what_it_says(client: Client, table: Path) -> None:
    store = "azureml://datastores/mine/paths"
    client.datastores.create(CreateDatastore(name="mine", path=str(table)))
    done = run(
        client,
        "cat ${{inputs.mount}}/a.csv; cat ${{inputs.direct}}; echo more >> ${{inputs.copy}};"
        " ls ${{inputs.links}}; ls ${{inputs.copies}};"
        " test -L ${{inputs.links}}/a.csv && echo link",
        inputs={
            "mount": Input(path="azureml:table@latest", type="uri_folder"),
            "direct": Input(path=f"{store}/other.txt", mode="direct"),
            "copy": Input(path=f"{store}/a.csv", mode="download"),
            "links": Input(path="azureml:table:1", mode="eval_mount"),
            "copies": Input(path=str(table), type="mltable", mode="eval_download"),
        },
    )
    assert done.status == "Completed", done.error
    expected = ["x,y", "1,2", "not of the tablea.csv", "a.csv", *["link"] * (os.name != "nt")]
    assert text(client, done.name).splitlines() == expected
    assert (table / "a.csv").read_text() == "x,y\n1,2\n"
    assert isinstance(done.spec, CommandJob)
    mount = done.spec.inputs["mount"]
    assert isinstance(mount, Input)
    assert mount.reference == "azureml:table:1"


def test_what_is_uploaded_is_read_by_a_job(client: Client, table: Path) -> None:
    told: list[tuple[int, int]] = []
    made = client.datastores.upload(
        table, "july", progress=lambda done, total: told.append((done, total))
    )
    assert (made.files, told[-1]) == (3, (made.bytes, made.bytes))
    assert client.datastores.upload(table, "july").copied == 0
    done = run(client, "cat ${{inputs.it}}/a.csv", inputs={"it": Input(path=made.path)})
    assert text(client, done.name).splitlines() == ["x,y", "1,2"]
    with pytest.raises(NotFound):
        client.datastores.upload(table / "nothing")


def test_outputs_become_assets_that_the_next_job_reads(client: Client, table: Path) -> None:
    first = run(
        client,
        "cp ${{inputs.table}}/a.csv ${{outputs.folder}}/; echo 7 > ${{outputs.file}};"
        " echo there > ${{outputs.placed}}/p.txt",
        inputs={"table": Input(path="azureml:table")},
        outputs={
            "folder": Output(name="made", version="v1"),
            "file": Output(name="number", type="uri_file"),
            "placed": Output(
                path="azureml://datastores/workspaceblobstore/paths/runs/${{name}}",
                mode="upload",
                name="placed",
            ),
            "empty": Output(name="nothing"),
        },
    )
    assert first.status == "Completed", first.error
    assert first.registered == {
        "folder": "azureml:made:v1",
        "file": "azureml:number:1",
        "placed": "azureml:placed:1",
    }
    made = client.data.get("made")
    assert (made.created_by_job, made.used_by_jobs) == (first.name, [])
    assert client.data.get("table").used_by_jobs == [first.name]
    assert client.data.get("placed").path.endswith(f"/paths/runs/{first.name}")
    source = "print(open(made + '/a.csv').read(), open(number).read())"
    data = {"made": Input(path="azureml:made"), "number": Input(path="azureml:number:1")}
    second = ended(client, client.jobs.create(CellJob(source=source, data=data)).name)
    assert second.status == "Completed", second.error
    assert "1,2" in text(client, second.name)
    assert client.data.get("made").used_by_jobs == [second.name]
    again = run(client, "cat ${{inputs.file}}", inputs={"file": _output(first.name, "file")})
    assert text(client, again.name) == "7\n"


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """An HTTP server of a folder with one file."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "a.csv").write_text("from the web\n")
    handler = functools.partial(_Quiet, directory=str(tmp_path / "web"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


def test_a_file_of_the_web_is_downloaded_unless_direct(client: Client, address: str) -> None:
    client.data.create(CreateData(name="web", path=f"{address}/a.csv"))
    done = run(
        client,
        "cat ${{inputs.copy}}; echo ${{inputs.direct}}",
        inputs={
            "copy": Input(path="azureml:web:1"),
            "direct": Input(path=f"{address}/a.csv", mode="direct"),
        },
    )
    assert done.status == "Completed", done.error
    assert text(client, done.name) == f"from the web\n{address}/a.csv\n"
    assert client.data.get("web").used_by_jobs == [done.name]
    gone = run(client, "x", inputs={"a": Input(path=f"{address}/nothing.csv")})
    assert (gone.status, gone.status_reason) == ("Failed", "StartFailed")
    assert gone.error is not None
    assert "404" in gone.error.message


def _output(job: str, output: str) -> Input:
    return Input(path=f"azureml://jobs/{job}/outputs/{output}")


def test_outputs_that_cannot_be_kept_fail_the_job_and_say_so(
    client: Client, tmp_path: Path
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    client.datastores.create(CreateDatastore(name="mine", path=str(place)))
    (place / "taken").mkdir()
    done = run(
        client,
        "echo x > ${{outputs.file}}",
        outputs={
            "file": Output(
                path="azureml://datastores/mine/paths/taken", mode="upload", type="uri_file"
            )
        },
    )
    assert (done.status, done.status_reason) == ("Failed", "OutputFailed")
    assert done.error is not None
    assert "could not be kept" in done.error.message


def test_what_is_missing_or_not_allowed_is_refused_before_anything_starts(
    client: Client, table: Path
) -> None:
    read_only = CreateDatastore(name="mine", path=str(table), read_only=True)
    client.datastores.create(read_only)
    client.data.create(CreateData(name="table", version="v1", path=str(table / "a.csv")))
    inputs: list[tuple[Input, type[AmlError]]] = [
        (Input(path="azureml:nobody:1"), NotFound),
        (Input(path="azureml:table:7"), NotFound),
        (Input(path="azureml:table:1", type="uri_file"), Invalid),
        (Input(path="azureml:table:v1", mode="eval_mount"), Invalid),
        (Input(path="azureml://datastores/mine/paths/../x"), Invalid),
        (Input(path="azureml://jobs/nobody/outputs/o"), NotFound),
        (Input(path="https://host/x", type="uri_folder"), Invalid),
        (Input(path="s3://bucket/x"), Invalid),
    ]
    for value, error in inputs:
        with pytest.raises(error) as refused:
            client.jobs.create(CommandJob(command="x", inputs={"a": value}))
        assert refused.value.target.startswith("inputs.a")
        assert "Nothing was started." in refused.value.hint
    outputs: list[tuple[Output, type[AmlError]]] = [
        (Output(path="azureml://datastores/mine/paths/x"), Forbidden),
        (Output(path="azureml://datastores/workspaceblobstore/paths/LocalUpload/x"), Invalid),
        (Output(path="azureml://datastores/workspaceblobstore/paths/"), Invalid),
        (Output(path="azureml:table:1"), Invalid),
        (Output(path="relative"), Invalid),
        (Output(name="a/b"), Invalid),
        (Output(version="1"), Invalid),
        (Output(name="table", version="v1"), Conflict),
    ]
    for output, error in outputs:
        with pytest.raises(error) as refused:
            client.jobs.create(CommandJob(command="x", outputs={"a": output}))
        assert refused.value.target.startswith("outputs.a")
    assert client.jobs.list().value == []


def test_a_job_that_was_accepted_can_be_sent_again_as_it_is(client: Client, table: Path) -> None:
    spec = CommandJob(
        command="cat ${{inputs.a}}/a.csv",
        inputs={"a": Input(path="azureml:table")},
        outputs={"o": Output(path="azureml://datastores/workspaceblobstore/paths/o")},
    )
    first = client.jobs.create(spec, name="first")
    assert client.jobs.create(spec, name="first").created_at == first.created_at
    again = client.jobs.create(client.jobs.get("first").spec, name="again")
    for name in ("first", "again"):
        assert ended(client, name).status == "Completed"
    assert again.spec == client.jobs.get("first").spec
    assert set(client.data.get("table").used_by_jobs) == {"first", "again"}
