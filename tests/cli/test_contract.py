"""Section 11 of the design: what scripts rely on. One document on stdout, exit codes, errors."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from jupyter_aml._version import __version__
from jupyter_aml.cli import main as cli
from jupyter_aml.model.compute import AmlCompute
from jupyter_aml.model.errors import Busy, ErrorBody, ServiceNotRunning, Unavailable
from jupyter_aml.model.event import Event
from jupyter_aml.model.job import CellJob, ResultInfo
from tests.cli.conftest import Command
from tests.grammar.fake_client import MOMENT, FakeClient


def event(kind: Any, **fields: Any) -> Event:
    return Event(seq=1, time=MOMENT, kind=kind, **fields)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["compute", "list"],
        ["compute", "show", "local"],
        ["compute", "sizes"],
        ["compute", "usage"],
        ["compute", "nodes", "local"],
        ["compute", "create", "c-one", "--no-wait"],
        ["job", "list"],
        ["job", "show", "j"],
        ["job", "stream", "j"],
        ["job", "cancel", "j"],
        ["job", "metrics", "j"],
        ["job", "archive", "j"],
        ["session", "list"],
        ["session", "delete", "work", "--yes"],
        ["preferences", "show"],
        ["workspace", "list"],
        ["environment", "list"],
        ["doctor"],
        ["service", "logs"],
        ["service", "status"],
    ],
)
@pytest.mark.parametrize("form", [["-o", "json"], ["--output=json"], ["-ojson"]])
def test_stdout_is_one_json_document_and_nothing_else(
    command: Command, client: FakeClient, words: list[str], form: list[str]
) -> None:
    client.jobs.add("j")
    client.jobs.events["j"] = [event("stdout", text="noise"), event("stderr", text="more")]
    done = command(*words, *form)
    assert done.document is not None
    assert done.out.endswith(b"\n")
    assert keys_are_snake_case(done.document)


def keys_are_snake_case(document: Any) -> bool:
    if isinstance(document, dict):
        return all(key == key.lower() and keys_are_snake_case(v) for key, v in document.items())
    return not isinstance(document, list) or all(map(keys_are_snake_case, document))


def test_yaml_is_the_same_document(command: Command, client: FakeClient) -> None:
    client.jobs.add("j")
    as_json = command("job", "show", "j", "-o", "json").document
    assert yaml.safe_load(command("job", "show", "j", "-o", "yaml").out) == as_json


# -- exit codes -------------------------------------------------------------------------------


def test_0_done(command: Command) -> None:
    assert command("compute", "list").code == 0


def test_1_refused(command: Command, client: FakeClient) -> None:
    done = command("compute", "create", "x", "-o", "json")
    assert (done.code, done.error["code"], done.out) == (1, "Invalid", b"")


@pytest.mark.parametrize(
    "words",
    [
        ["comput"],
        ["compute", "shw"],
        ["compute", "show"],
        ["job", "list", "--bogus"],
        ["-o", "xml"],
    ],
)
def test_2_usage(command: Command, words: list[str]) -> None:
    done = command(*words)
    assert done.code == 2
    assert done.out == b""
    assert done.err.startswith(b"Error: ")


def test_2_a_noun_without_a_verb_shows_its_verbs(command: Command) -> None:
    done = command("compute")
    assert (done.code, done.out) == (2, b"")
    assert b"compute evict" in done.err


def test_a_usage_error_keeps_the_form_that_was_asked_for(command: Command) -> None:
    done = command("compute", "shw", "-o", "json")
    assert done.code == 2
    assert set(done.error) == {"code", "message", "target", "hint", "details"}
    assert done.error["hint"].startswith("Did you mean show?")


def test_3_not_found(command: Command) -> None:
    assert command("job", "show", "nope", "-o", "json").error["code"] == "NotFound"
    assert command("job", "show", "nope").code == 3


@pytest.mark.parametrize("error", [ServiceNotRunning("none"), Unavailable("silent")])
def test_4_the_service_does_not_run(
    command: Command, client: FakeClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.setattr(client.jobs, "list", fail)
    assert command("job", "list").code == 4


@pytest.mark.parametrize(("status", "code"), [("Completed", 0), ("Failed", 1), ("Canceled", 5)])
def test_stream_ends_as_its_job_did(
    command: Command, client: FakeClient, status: str, code: int
) -> None:
    client.jobs.add("j", "Running")
    client.jobs.events["j"] = [event("status", status=status)]
    assert command("job", "stream", "j").code == code


def test_130_interrupted(
    command: Command, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(client.jobs, "list", interrupt)
    done = command("job", "list")
    assert (done.code, done.out, done.err) == (130, b"", b"")


def test_a_defect_is_one_error_with_its_traceback_as_details(
    command: Command, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client.jobs, "list", lambda **_: 1 / 0)
    done = command("job", "list", "-o", "json")
    assert (done.code, done.error["code"]) == (1, "Internal")
    assert "ZeroDivisionError" in done.error["message"]
    assert "Traceback" in "".join(done.error["details"])


# -- errors for people ------------------------------------------------------------------------


def test_an_error_says_what_where_and_how_to_mend_it(
    command: Command, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(**_: object) -> None:
        raise Busy("Too much.", target="jobs", hint="Type %aml job list again.", details=["raw"])

    monkeypatch.setattr(client.jobs, "list", busy)
    assert command("job", "list").err.decode() == (
        "Error: Too much.\nWhere: jobs\nFix: Type jupyter aml job list again.\n\nraw\n"
    )


def test_a_word_that_is_no_text_is_refused(command: Command) -> None:
    done = command("job", "show", "a\udcffb")
    assert done.code == 2
    assert b"not UTF-8" in done.err


def test_names_cannot_steer_the_terminal(command: Command) -> None:
    assert b"\x1b" not in command("job", "show", "\x1b[2J").err


# -- verbs ------------------------------------------------------------------------------------


def test_service_status_starts_nothing_and_prints_also_when_stopped(
    command: Command, home: Path
) -> None:
    done = command("service", "status", "-o", "json")
    assert done.code == 4
    assert done.document == {
        "state": "stopped",
        "pid": None,
        "url": "",
        "version": __version__,
        "home": str(home),
        "started_at": None,
        "running": {"jobs": 0, "nodes": 0, "endpoints": 0},
        "warnings": [],
    }
    assert b"stopped" in command("service", "status").out
    assert not home.exists()


def test_a_relative_home_is_made_absolute(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUPYTER_AML_HOME", "here")
    done = command("service", "status", "-o", "json")
    assert done.document["home"] == str(tmp_path / "here")


def test_job_create_from_a_file(command: Command, client: FakeClient, tmp_path: Path) -> None:
    (tmp_path / "job.yml").write_text("command: echo ${{inputs.a}}\ninputs: {a: 1}\n")
    words = ["job", "create", "-f", str(tmp_path / "job.yml"), "--set", "inputs.a=2"]
    done = command(*words, "--name", "n1", "-o", "json")
    assert (done.code, done.document["name"], done.document["inputs"]) == (0, "n1", {"a": 2})
    again = command(*words, "--name", "n1", "-o", "json")
    assert again.document == done.document
    other = command(*words[:-1], "inputs.a=3", "--name", "n1", "-o", "json")
    assert (other.code, other.error["code"]) == (1, "Conflict")


def test_job_create_from_standard_input(
    command: Command, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"command: echo hi\nenvironment: {image: x}\n"))
    monkeypatch.setattr(sys, "stdin", stdin)
    done = command("job", "create", "-f", "-", "--name", "n1", "-o", "json")
    assert done.document["command"] == "echo hi"
    assert b"Note: image x is not run here" in done.err


def test_a_bad_job_file_is_refused_by_path(command: Command, tmp_path: Path) -> None:
    (tmp_path / "job.yml").write_text("command: x\nresources: {instance_cont: 2}\n")
    done = command("job", "create", "-f", str(tmp_path / "job.yml"), "-o", "json")
    assert done.code == 1
    assert done.error["target"] == "job.yml: $.resources.instance_cont"
    assert "Did you mean instance_count?" in done.error["hint"]


def test_a_missing_job_file_is_not_found(command: Command) -> None:
    assert command("job", "create", "-f", "none.yml").code == 3


def test_stream_is_faithful_to_the_byte(command: Command, client: FakeClient) -> None:
    client.jobs.add("j", "Running")
    client.jobs.events["j"] = [
        event("stdout", text="50 %\r100 %\n\x1b[1mö\x00"),
        event("stderr", text="warn"),
        event("stdout", text="no newline at the end"),
        event("status", status="Completed"),
    ]
    done = command("job", "stream", "j")
    assert done.out == "50 %\r100 %\n\x1b[1mö\x00no newline at the end".encode()
    assert done.err == b"warn"


def test_with_json_a_stream_leaves_stdout_to_the_job(command: Command, client: FakeClient) -> None:
    client.jobs.add("j", "Running")
    client.jobs.events["j"] = [event("stdout", text="out"), event("status", status="Failed")]
    done = command("job", "stream", "j", "-o", "json")
    assert (done.code, done.document["status"], done.err) == (1, "Failed", b"out")


def test_job_list_is_an_array_newest_first(command: Command, client: FakeClient) -> None:
    for name in ("a", "b", "c"):
        client.jobs.add(name)
    done = command("job", "list", "--max-results", "2", "-o", "json")
    assert [job["name"] for job in done.document] == ["c", "b"]


def test_where_nobody_can_be_asked_nothing_is_lost_without_yes(
    command: Command, client: FakeClient
) -> None:
    client.compute.add(AmlCompute(name="c-one"), state="Steady", running_jobs=1)
    refused = command("compute", "delete", "c-one", "-o", "json")
    assert refused.code == 1
    assert "1 job running" in refused.error["message"]
    assert "--yes" in refused.error["hint"]
    assert "c-one" in client.compute.all
    assert command("compute", "delete", "c-one", "--yes").code == 0
    assert "c-one" not in client.compute.all


def test_where_nothing_is_lost_nobody_needs_to_be_asked(
    command: Command, client: FakeClient
) -> None:
    client.compute.add(AmlCompute(name="c-one"), state="Steady")
    assert command("compute", "delete", "c-one").code == 0


def test_a_table_into_a_pipe_is_whole_and_without_colour(
    command: Command, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    client.jobs.add("j", "Failed", status_reason="a reason " * 20)
    out = command("job", "list").out.decode()
    assert "a reason " * 19 in out
    assert "\x1b" not in out


@pytest.mark.parametrize("words", [["--help"], ["-h"], ["help"], ["compute", "create", "--help"]])
def test_help_goes_to_stdout(command: Command, words: list[str]) -> None:
    done = command(*words)
    assert (done.code, done.err) == (0, b"")
    assert done.out.startswith(b"Usage: jupyter aml")


def test_version(command: Command) -> None:
    assert command("--version").out.decode().strip() == __version__


def test_hints_name_the_command_that_is_typed_here(
    command: Command, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(**_: object) -> None:
        raise Busy("Too much.", hint="Type %aml job list again, or %%aml -c local.")

    monkeypatch.setattr(client.jobs, "list", busy)
    said = "Type jupyter aml job list again, or %%aml -c local."
    assert command("job", "list", "-o", "json").error["hint"] == said
    assert yaml.safe_load(command("job", "list", "-o", "yaml").err)["error"]["hint"] == said
    assert f"Fix: {said}" in command("job", "list").err.decode()


def test_hints_that_are_stored_with_a_job_are_said_in_the_words_of_the_terminal(
    command: Command, client: FakeClient
) -> None:
    error = ErrorBody(code="JobFailed", message="It failed.", hint="See %aml job stream j")
    spec = CellJob(source="%aml job list")
    client.jobs.add("j", spec=spec, status="Failed", error=error)
    document = command("job", "show", "j", "-o", "json").document
    assert document["error"]["hint"] == "See jupyter aml job stream j"
    assert "jupyter aml job stream j" in command("job", "show", "j").out.decode()
    assert "%aml job stream" not in command("job", "show", "j").out.decode()


def test_variables_cannot_be_fetched_into_a_terminal(command: Command, client: FakeClient) -> None:
    result = ResultInfo(names={"x": 8})
    client.jobs.add("j", spec=CellJob(source="x = 1"), result=result)
    done = command("job", "fetch", "j", "-o", "json")
    assert done.code == 1
    assert "jupyter aml job download j" in done.error["hint"]


@pytest.mark.parametrize("words", [["service", "status"], ["service", "stop"], ["doctor"]])
def test_a_workspace_that_nobody_knows_is_refused_by_verbs_of_the_service_too(
    command: Command, home: Path, words: list[str]
) -> None:
    done = command(*words, "--workspace", "nowhere", "-o", "json")
    assert done.code == 3
    assert done.error["message"] == "There is no workspace 'nowhere'."
    assert "local" in done.error["hint"]
    assert not (home / "service.json").exists()
    assert command("service", "status", "--workspace", "local").code != 3


def test_the_workspace_is_handed_to_the_connection(
    client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    monkeypatch.setattr(cli, "connection", lambda name: asked.append(name) or client)
    cli.main(["compute", "list", "--workspace", "there"])
    assert asked == ["there"]
