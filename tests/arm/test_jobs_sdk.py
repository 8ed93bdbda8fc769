"""Jobs through the stock SDK: accepted, followed, fetched, changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_aml.testing.waiting import eventually_sync

ENVIRONMENT = "azureml:kernel:1"


def ended(client: Any, name: str) -> Any:
    """The job once it has ended."""
    over = ("Completed", "Failed", "Canceled")
    return eventually_sync(
        lambda: (job := client.jobs.get(name)).status in over and job, seconds=100
    )


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    (folder / "train.py").write_text(
        "import os, pathlib, sys\n"
        "data, out = map(pathlib.Path, sys.argv[1:3])\n"
        "print('read', data.read_text().strip(), os.environ['GREETING'])\n"
        "print('to stderr', file=sys.stderr)\n"
        "(out / 'model.txt').write_text('trained')\n"
        "pathlib.Path('outputs').mkdir(exist_ok=True)\n"
        "pathlib.Path('outputs/log.txt').write_text('kept')\n"
    )
    return folder


def test_a_command_with_code_data_and_outputs(
    ml_client: Any, code: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from azure.ai.ml import Input, Output, command

    (tmp_path / "rows.csv").write_text("a,b\n")
    made = ml_client.jobs.create_or_update(
        command(
            code=str(code),
            command="python train.py ${{inputs.rows}} ${{outputs.model}}",
            inputs={"rows": Input(type="uri_file", path=str(tmp_path / "rows.csv"))},
            outputs={"model": Output(type="uri_folder")},
            environment=ENVIRONMENT,
            environment_variables={"GREETING": "hello"},
            experiment_name="tries",
            tags={"team": "blue"},
        )
    )

    ml_client.jobs.stream(made.name)

    said = capsys.readouterr().out
    assert "Streaming user_logs/std_log.txt" in said
    assert "read a,b hello" in said
    assert "to stderr" in said
    found = ended(ml_client, made.name)
    assert (found.status, found.experiment_name) == ("Completed", "tries")

    ml_client.jobs.download(made.name, download_path=tmp_path / "default")
    kept = tmp_path / "default" / "artifacts"
    assert (kept / "outputs" / "log.txt").read_text() == "kept"
    assert "read a,b hello" in (kept / "user_logs" / "std_log.txt").read_text()

    ml_client.jobs.download(made.name, download_path=tmp_path / "one", output_name="model")
    named = tmp_path / "one" / "named-outputs" / "model"
    assert (named / "model.txt").read_text() == "trained"

    ml_client.jobs.download(made.name, download_path=tmp_path / "all", all=True)
    assert (tmp_path / "all" / "named-outputs" / "model" / "model.txt").exists()
    assert (tmp_path / "all" / "artifacts" / "outputs" / "log.txt").exists()


def test_a_quick_job_prints_its_log(ml_client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from azure.ai.ml import command

    made = ml_client.jobs.create_or_update(command(command="echo quick", environment=ENVIRONMENT))
    ended(ml_client, made.name)

    ml_client.jobs.stream(made.name)

    assert "quick" in capsys.readouterr().out.split("Execution Summary")[0]


def test_a_failed_job_says_why(ml_client: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from azure.ai.ml import command
    from azure.ai.ml.exceptions import JobException

    made = ml_client.jobs.create_or_update(
        command(command="echo working; exit 7", environment=ENVIRONMENT)
    )

    with pytest.raises(JobException) as raised:
        ml_client.jobs.stream(made.name)

    assert "7" in str(raised.value)
    assert "working" in capsys.readouterr().out
    assert ended(ml_client, made.name).status == "Failed"


def test_a_job_is_canceled_tagged_hidden_and_listed(ml_client: Any) -> None:
    from azure.ai.ml import command
    from azure.ai.ml.constants import ListViewType

    made = ml_client.jobs.create_or_update(
        command(command="sleep 600", environment=ENVIRONMENT, tags={"a": "1"})
    )
    ml_client.jobs.begin_cancel(made.name).result()
    found = ml_client.jobs.get(made.name)
    assert found.status == "Canceled"

    changed = ml_client.jobs.update(made.name, tags={"b": "2"}, display_name="Mine")
    assert (changed.tags, changed.display_name) == ({"a": "1", "b": "2"}, "Mine")
    found = ml_client.jobs.get(made.name)
    found.description = "Why"
    assert ml_client.jobs.create_or_update(found).description == "Why"

    assert made.name in [one.name for one in ml_client.jobs.list()]
    ml_client.jobs.archive(made.name)
    assert made.name not in [one.name for one in ml_client.jobs.list()]
    archived = ml_client.jobs.list(list_view_type=ListViewType.ARCHIVED_ONLY)
    assert made.name in [one.name for one in archived]
    ml_client.jobs.restore(made.name)
    assert made.name in [one.name for one in ml_client.jobs.list()]


def test_what_is_wrong_is_refused_with_a_sentence(ml_client: Any) -> None:
    from azure.ai.ml import command
    from azure.core.exceptions import HttpResponseError

    with pytest.raises(HttpResponseError) as refused:
        ml_client.jobs.create_or_update(
            command(command="echo", environment="azureml:no-such-thing:1")
        )

    assert refused.value.status_code == 400
    assert "no-such-thing" in str(refused.value)
