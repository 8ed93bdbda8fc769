"""What the verbs of ``job`` ask of the client, and what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jupyter_aml.grammar import Result, parse_line, run
from jupyter_aml.model.errors import Conflict, ErrorBody, Invalid, NotFound
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import CellJob, CommandJob, Receipt, ResultInfo
from tests.grammar.fake_client import FakeClient
from tests.grammar.fake_compute import MOMENT
from tests.grammar.fake_surface import FakeSurface

Typed = Callable[[str], Result]


def event(kind: Any, seq: int = 1, **fields: Any) -> Event:
    return Event(seq=seq, time=MOMENT, kind=kind, **fields)


def ended(status: str) -> list[Event]:
    return [event("status", status="Running"), event("status", status=status)]


def test_create_reads_the_file_and_returns_the_accepted_job(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    result = typed("job create -f job.yml --set inputs.rate=0.1 --name n1")
    assert surface.machine.read == [("job.yml", {"inputs.rate": 0.1})]
    assert (result.value.name, result.value.status) == ("n1", "Queued")
    assert result.exit_code == 0


def test_create_runs_a_notebook_with_parameters(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    result = typed("job create --notebook a.ipynb -p rate=0.1 name=x on=True -p n=[1,2] --name n1")
    parameters = {"rate": 0.1, "name": "x", "on": True, "n": [1, 2]}
    assert surface.machine.read == [("a.ipynb", {"compute": "local", "parameters": parameters})]
    assert result.document["parameters"] == parameters
    typed("job create --notebook a.ipynb -c c1 --set limits.timeout=5 --name n2")
    told = {"compute": "c1", "limits.timeout": 5, "parameters": {}}
    assert surface.machine.read[1] == ("a.ipynb", told)


@pytest.mark.parametrize("line", ["job create", "job create -f x --notebook y"])
def test_create_takes_one_file(typed: Typed, line: str) -> None:
    with pytest.raises(Invalid, match="exactly one of --file and --notebook"):
        typed(line)


def test_create_gives_a_notebook_data(typed: Typed, surface: FakeSurface) -> None:
    typed("job create --notebook a.ipynb --input t=azureml:digits:1 --input f=data/f.csv --name n")
    inputs = {"t": "azureml:digits:1", "f": "data/f.csv"}
    told = {"compute": "local", "parameters": {}, "inputs": inputs}
    assert surface.machine.read == [("a.ipynb", told)]


@pytest.mark.parametrize("words", ["-p a=1", "--input a=azureml:digits:1"])
def test_parameters_are_for_notebooks(typed: Typed, words: str) -> None:
    with pytest.raises(Invalid, match="a notebook's"):
        typed(f"job create -f job.yml {words}")


def test_create_says_what_of_the_file_is_not_run_here(typed: Typed, surface: FakeSurface) -> None:
    warning = "image x is not run here: the notebook's interpreter is used."
    surface.machine.job = CommandJob(command="true", warnings=[warning])
    typed("job create -f job.yml")
    assert surface.notes == [f"Note: {warning}"]


@pytest.mark.parametrize(("status", "code"), [("Completed", 0), ("Failed", 1), ("Canceled", 5)])
def test_stream_ends_with_the_code_of_the_status(
    typed: Typed, client: FakeClient, status: str, code: int
) -> None:
    client.jobs.add("j", "Queued")
    client.jobs.events["j"] = ended(status)
    assert typed("job stream j").exit_code == code
    assert client.jobs.followed == [("j", 0, True)]


def test_stream_keeps_the_two_streams_apart_and_as_they_are(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.jobs.add("j", "Running")
    client.jobs.events["j"] = [
        event("stdout", text="a\rb\n"),
        event("stderr", text="\x1b[31mred\x1b[0m"),
        event("metric", name="loss", value=1.0),
        event("display_data", data={"text/plain": "<Figure>", "image/png": "…"}),
        event("execute_result", data={"text/plain": ["4", "2"]}),
        event("error", ename="E", evalue="no", traceback=["\x1b[0;31mE\x1b[0m: no"]),
        event("notice", text="output was dropped"),
        event("stdout", text="end"),
        *ended("Failed"),
    ]
    result = typed("job stream j")
    assert surface.out == ["a\rb\n", "<Figure>\n", "42\n", "end"]
    assert surface.err == ["\x1b[31mred\x1b[0m", "E: no\n"]
    assert surface.notes == ["output was dropped"]
    assert str(result) == ""


def test_a_watched_stream_names_what_it_waits_for(client: FakeClient) -> None:
    client.jobs.add("j", "Queued")
    client.jobs.events["j"] = [
        event("status", status="Queued", reason="waits for c1"),
        *ended("Completed"),
    ]
    for watched, notes in ((True, ["Queued: waits for c1"]), (False, [])):
        surface = FakeSurface(watched=watched)
        run(client, parse_line("job stream j"), surface)
        assert surface.notes == notes


def test_a_failed_stream_says_why(typed: Typed, client: FakeClient, surface: FakeSurface) -> None:
    error = ErrorBody(code="JobFailed", message="It used 3 GB of 2 GB.", hint="A larger size.")
    client.jobs.add("j", "Failed", error=error)
    assert typed("job stream j").exit_code == 1
    assert surface.err == ["It used 3 GB of 2 GB.\nFix: A larger size.\n"]


def test_an_interrupted_stream_leaves_the_job_alone_and_says_so(
    client: FakeClient, surface: FakeSurface, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> Iterator[Event]:
        yield event("stdout", text="x")
        raise KeyboardInterrupt

    monkeypatch.setattr(client.jobs, "follow", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(client, parse_line("job stream j"), surface)
    assert surface.notes == ["Job j goes on. End it: %aml job cancel j"]


def test_create_and_stream_in_one(typed: Typed, client: FakeClient, surface: FakeSurface) -> None:
    client.jobs.events["n1"] = [event("stdout", text="hi\n"), *ended("Completed")]
    result = typed("job create -f job.yml --name n1 --stream")
    assert surface.out == ["hi\n"]
    assert result.document["status"] == "Completed"


def test_cancel_waits_until_the_job_has_really_stopped(typed: Typed, client: FakeClient) -> None:
    client.jobs.add("j", "Running")
    client.jobs.events["j"] = ended("Canceled")
    assert typed("job cancel j").value.status == "Canceled"
    assert client.jobs.followed == [("j", 7, True)]


def test_cancel_without_waiting_and_of_what_has_ended(typed: Typed, client: FakeClient) -> None:
    client.jobs.add("j", "Running")
    assert typed("job cancel j --no-wait").value.status == "CancelRequested"
    client.jobs.add("k", "Completed")
    assert typed("job cancel k").value.status == "Completed"
    assert client.jobs.followed == []


def test_list_asks_for_as_many_as_are_wanted_page_by_page(typed: Typed, client: FakeClient) -> None:
    for number in range(250):
        client.jobs.add(f"j{number:03d}")
    result = typed("job list --max-results 220 --status active --compute c")
    assert [job.name for job in result.value][:2] == ["j249", "j248"]
    assert len(result.document) == 220
    assert [query["max_results"] for query in client.jobs.queries] == [200, 20]
    assert client.jobs.queries[0]["status"] == "active"
    assert "include_archived" not in client.jobs.queries[0]
    assert "--max-results 440" in str(result)


def test_a_short_list_says_nothing_of_more(typed: Typed, client: FakeClient) -> None:
    assert str(typed("job list")) == "No jobs."
    client.jobs.add("only")
    assert "more" not in str(typed("job list --include-archived"))
    assert client.jobs.queries[-1]["include_archived"] is True


def test_show_has_every_key_of_the_contract(typed: Typed, client: FakeClient) -> None:
    client.jobs.add("j", exit_code=0)
    contract = (
        "name type display_name status status_reason error compute created_at started_at "
        "ended_at exit_code attempt experiment_name tags outputs"
    ).split()
    document = typed("job show j").document
    assert list(document)[: len(contract)] == contract
    assert document["display_name"] == "j"
    (row,) = typed("job list").document
    assert set(contract) <= set(row)
    assert row["display_name"] == "j"


def test_a_receipt_calls_rehearsal_money_would_be(typed: Typed, client: FakeClient) -> None:
    client.jobs.add(
        "j",
        receipt=Receipt(
            size="Standard_D4s_v3",
            nodes=2,
            seconds=90,
            peak_memory_bytes=1 << 30,
            list_price=0.0048,
            price_as_of="2026-06-18",
        ),
    )
    text = str(typed("job show j"))
    assert "2 nodes of Standard_D4s_v3, 90 s of node time, at most 1.0 GB of memory" in " ".join(
        text.split()
    )
    assert "in Azure this time would be $0.0048 (list price of 2026-06-18)" in text


def test_download_takes_all_files_or_one_output(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    client.jobs.add("j")
    client.jobs.contents["j"] = {
        "outputs/model/a.bin": b"12",
        "outputs/model2/b.bin": b"1",
        "stdout.txt": b"x",
    }
    assert typed("job download j").document["files"] == [*client.jobs.contents["j"]]
    only = typed("job download j --output-name model -p there")
    assert only.document["files"] == ["outputs/model/a.bin"]
    assert str(only) == "Copied 1 file (2 B) to there."
    with pytest.raises(NotFound, match="nothing in an output 'none'"):
        typed("job download j --output-name none")
    with pytest.raises(Invalid, match="cannot be given together"):
        typed("job download j --output-name model --all")


def test_metrics_are_all_for_scripts_and_the_last_for_people(
    typed: Typed, client: FakeClient
) -> None:
    client.jobs.add("j", "Running")
    client.jobs.events["j"] = [
        event("metric", name="loss", value=2.0, step=1),
        event("stdout", text="noise"),
        event("metric", name="loss", value=0.5, step=2),
    ]
    result = typed("job metrics j")
    assert [one["values"] for one in result.document["metrics"]] == [[2.0, 0.5]]
    assert str(result).splitlines()[1].split() == ["loss", "0.5", "2", "2", "0.5", "2"]
    client.jobs.add("k")
    assert str(typed("job metrics k")) == "k logged no metric."


def test_archive_and_restore(typed: Typed, client: FakeClient) -> None:
    client.jobs.add("j")
    assert str(typed("job archive j")) == "Archived j."
    assert str(typed("job restore j")) == "Restored j."


# -- fetch --------------------------------------------------------------------------------------


def left(client: FakeClient, **names: int) -> None:
    result = ResultInfo(names=names, kept={"lock": "a lock cannot be pickled"})
    client.jobs.add("j", spec=CellJob(source="x = 1"), result=result)


def test_fetch_brings_every_variable_or_those_that_are_named(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    left(client, x=8, big=3 << 20)
    assert "3.0 MB" in str(typed("job fetch j"))
    typed("job fetch j big")
    typed("job fetch j x,big")
    typed("job fetch --name j --variables x --variables big,x")
    assert surface.fetched == [
        ("j", ["x", "big"]),
        ("j", ["big"]),
        ("j", ["x", "big"]),
        ("j", ["x", "big"]),
    ]


def test_a_variable_that_the_job_did_not_leave_is_named_with_what_it_left(
    typed: Typed, client: FakeClient, surface: FakeSurface
) -> None:
    left(client, x=8)
    with pytest.raises(NotFound, match="no variable lock, y") as raised:
        typed("job fetch j lock,y,x")
    assert raised.value.hint == "It left: x. lock: a lock cannot be pickled."
    assert surface.fetched == []


def test_what_left_no_variables_says_what_to_do_instead(typed: Typed, client: FakeClient) -> None:
    client.jobs.add("command")
    client.jobs.add("empty", spec=CellJob(source="1"))
    client.jobs.add("running", "Running", spec=CellJob(source="1"))
    for name, error, says in [
        ("command", Invalid, "%aml job download command"),
        ("empty", NotFound, "%aml job download empty"),
        ("running", Conflict, "%aml job stream running"),
        ("nobody", NotFound, ""),
    ]:
        with pytest.raises(error) as raised:
            typed(f"job fetch {name}")
        assert says in raised.value.hint
