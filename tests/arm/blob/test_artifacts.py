"""What jobs left, under the names that Azure gives it."""

from __future__ import annotations

from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError

from jupyter_aml.service.arm.blob.containers import DEFAULT
from tests.arm.blob.conftest import Account, aside

RUN = "ExperimentRun/dcid.job1"


@pytest.fixture
def job(storage: Account) -> Path:
    folder = storage.home.folder / "jobs" / "job1"
    (folder / "work" / "outputs").mkdir(parents=True)
    (folder / "work" / "outputs" / "m.txt").write_text("model")
    (folder / "work" / "main.py").write_text("code")
    (folder / "outputs" / "out").mkdir(parents=True)
    (folder / "outputs" / "out" / "r.txt").write_text("result")
    (folder / "events.log").write_text("internal")
    storage.jobs.events_of["job1"] = [
        {"text": "one\n"},
        {"kind": "stderr", "text": "two ü\n"},
        {"kind": "status", "status": "Completed"},
        {"text": "three\n"},
    ]
    other = storage.home.folder / "jobs" / "job10" / "work" / "outputs"
    other.mkdir(parents=True)
    (other / "x").write_text("of another")
    storage.jobs.events_of["job10"] = []
    return folder


@pytest.mark.usefixtures("job")
async def test_what_it_printed_is_one_text_in_order(storage: Account) -> None:
    blob = storage.container("azureml").get_blob_client(f"{RUN}/user_logs/std_log.txt")
    assert await aside(lambda: blob.download_blob().readall()) == "one\ntwo ü\nthree\n".encode()
    tail = await aside(lambda: blob.download_blob(offset=4, length=3).readall())
    assert tail == b"two"
    storage.jobs.events_of["job1"].append({"text": "four\n"})
    assert (await aside(blob.get_blob_properties)).size == 22


@pytest.mark.usefixtures("job")
async def test_every_process_of_several_has_its_own(storage: Account) -> None:
    storage.jobs.events_of["job1"] = [{"text": "a\n"}, {"text": "b\n", "node": 1}]
    client = storage.container("azureml")
    listed = await aside(lambda: [b.name for b in client.list_blobs(f"{RUN}/user_logs/")])
    assert listed == [f"{RUN}/user_logs/std_log_process_{rank}.txt" for rank in (0, 1)]
    blob = client.get_blob_client(listed[1])
    assert await aside(lambda: blob.download_blob().readall()) == b"b\n"


@pytest.mark.usefixtures("job")
async def test_a_job_has_its_own_files_and_no_others(storage: Account) -> None:
    client = storage.container("azureml")
    whole = [f"{RUN}/outputs/m.txt", f"{RUN}/user_logs/std_log.txt"]
    for prefix in (RUN, f"{RUN}/"):
        assert await aside(lambda p=prefix: [b.name for b in client.list_blobs(p)]) == whole
    assert await aside(lambda: [b.name for b in client.list_blobs(f"{RUN}/azureml-logs/")]) == []
    assert len(await aside(lambda: list(client.list_blobs("ExperimentRun/dcid.job")))) == 4
    for name in ("main.py", "../events.log", "work/main.py", "user_logs/other.txt", "outputs"):
        assert (await storage.call("GET", f"azureml/{RUN}/{name}")).status in (400, 404)
    for job in ("", "..", "nobody"):
        name = f"ExperimentRun/dcid.{job}/user_logs/std_log.txt"
        assert (await storage.call("GET", f"azureml/{name}")).status in (400, 404)


@pytest.mark.usefixtures("job")
async def test_nothing_of_it_is_written(storage: Account) -> None:
    client = storage.container("azureml")
    blob = client.get_blob_client(f"{RUN}/outputs/m.txt")
    for change in (
        lambda: blob.upload_blob(b"x", overwrite=True),
        blob.delete_blob,
        lambda: blob.set_blob_metadata({"a": "b"}),
        lambda: blob.stage_block("aa", b"x"),
    ):
        with pytest.raises(HttpResponseError) as raised:
            await aside(change)
        assert raised.value.status_code == 403


@pytest.mark.usefixtures("job")
async def test_outputs_show_in_the_default_datastore(storage: Account) -> None:
    client = storage.container()
    name = "azureml/job1/out/r.txt"
    assert await aside(lambda: client.get_blob_client(name).download_blob().readall()) == b"result"
    listed = await aside(lambda: [b.name for b in client.list_blobs("azureml/job1/out/")])
    assert listed == [name]
    assert await aside(lambda: [b.name for b in client.list_blobs()]) == []
    for other in ("job1/../job10/x", "job1", "nobody/out/r.txt"):
        assert (await storage.call("GET", f"{DEFAULT}/azureml/{other}")).status in (400, 404)
