"""A machine and a surface that remember what they were told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec

from jupyter_aml.client.batchfile import FileBatchDeployment
from jupyter_aml.client.endpointfile import FileDeployment
from jupyter_aml.model import compute, environment, job
from jupyter_aml.model.batch import CreateBatchDeployment, CreateBatchEndpoint
from jupyter_aml.model.component import CommandComponent, ComponentSpec
from jupyter_aml.model.data import CreateData, CreateDatastore
from jupyter_aml.model.endpoint import CreateOnlineDeployment
from jupyter_aml.model.errors import Conflict
from jupyter_aml.model.notebook_fill import FilledCell, FilledNotebook
from jupyter_aml.model.package import ModelPackage
from jupyter_aml.model.registry import CreateModel, Lineage, Model
from jupyter_aml.model.schedule import CreateSchedule, CronTrigger
from jupyter_aml.model.workspace import ServiceStatus
from tests.grammar.fake_models import FakeModels

NOW = 1_700_000_000.0


class FakeMachine:
    """This machine, with a service that runs `running` things."""

    def __init__(self) -> None:
        self.state = "running"
        self.running = {"jobs": 0, "nodes": 0, "endpoints": 0}
        self.stopped_with: list[bool] = []
        self.read: list[tuple[str, dict[str, Any]]] = []
        self.job = job.CommandJob(command="echo hi")
        self.checks: list[Any] = []
        self.batch_model: CreateModel | None = None
        self.batch_environment: environment.EnvironmentContent | None = None
        self.packed: dict[str, Any] = {"proof": "proven", "proof_note": "The same answer."}

    def status(self) -> ServiceStatus:
        return ServiceStatus(state=self.state, home="/home/x", running=self.running)

    def start(self) -> ServiceStatus:
        self.state = "running"
        return self.status()

    def stop(self, *, force: bool) -> ServiceStatus:
        self.stopped_with.append(force)
        if self.running["jobs"] and not force:
            raise Conflict("Work is under way.", target="service")
        self.state, self.running = "stopped", dict.fromkeys(self.running, 0)
        return self.status()

    def log(self, lines: int) -> str:
        return "\n".join(f"line {n}" for n in range(lines))

    def diagnose(self, about: str) -> Sequence[Any]:
        return [one for one in self.checks if (about == "azure") == one.name.startswith("azure")]

    def sdk_environment(self, *, apply: bool) -> Any:
        self.applied = apply
        return SimpleNamespace(set={"IDENTITY_HEADER": "it's"}, unset=["AZURE_CLIENT_ID"])

    def read_job(self, path: str, settings: Mapping[str, Any]) -> tuple[job.CommandJob, str]:
        self.read.append((path, dict(settings)))
        return self.job, ""

    def read_notebook(
        self,
        path: str,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, str],
        settings: Mapping[str, Any],
    ) -> job.NotebookJob:
        told = {**settings, "parameters": dict(parameters)}
        self.read.append((path, {**told, "inputs": dict(inputs)} if inputs else told))
        return job.NotebookJob(content="{}", notebook=path, parameters=dict(parameters))

    def fill_notebook(self, client: Any, path: str) -> FilledNotebook:
        self.read.append((path, {}))
        cell = FilledCell(number=2, job="bold_sun", what="filled")
        return FilledNotebook(path=path, cells=[cell])

    def read_compute(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[compute.ComputeSpec, Sequence[str]]:
        self.read.append((path, dict(settings)))
        return compute.AmlCompute(name="from-file"), ["location is not used here."]

    def read_environment(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[environment.CreateEnvironment, Sequence[str]]:
        self.read.append((path, dict(settings)))
        name = settings.get("name", "")
        return environment.CreateEnvironment(name=name, requirements=["a"]), ["build is not run."]

    def package_model(self, model: Model, folder: str, **how: Any) -> ModelPackage:
        how.pop("say")("Copying")
        self.read.append((folder, how))
        return ModelPackage(
            folder=f"/x/{folder}",
            model=f"{model.name}:{model.version}",
            kind="callable",
            python="3.11",
            files=30,
            bytes=2048,
            onnx_note="No ONNX export: it is a function.",
            **self.packed,
        )

    def read_model(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[CreateModel, Sequence[str]]:
        self.read.append((path, dict(settings)))
        name = settings.get("name", "")
        return CreateModel(name=name, path="out/model"), ["datastore is not used here."]

    def read_data(self, path: str, settings: Mapping[str, Any]) -> tuple[CreateData, Sequence[str]]:
        self.read.append((path, dict(settings)))
        return CreateData(name=settings.get("name", ""), path="/x"), ["datastore is not used here."]

    def read_datastore(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[CreateDatastore, Sequence[str]]:
        self.read.append((path, dict(settings)))
        return CreateDatastore(name=settings.get("name", ""), path="/x"), []

    def read_batch_endpoint(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[CreateBatchEndpoint, Sequence[str]]:
        self.read.append((path, dict(settings)))
        return CreateBatchEndpoint(name=settings.get("name", "")), ["auth_mode is not used here."]

    def read_batch_deployment(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[FileBatchDeployment, Sequence[str]]:
        self.read.append((path, dict(settings)))
        name = settings.get("name", "")
        endpoint = settings.get("endpoint_name", "")
        spec = CreateBatchDeployment(name=name, endpoint_name=endpoint, model="m")
        return FileBatchDeployment(spec, self.batch_model, self.batch_environment), []

    def read_schedule(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[CreateSchedule, Sequence[str]]:
        self.read.append((path, dict(settings)))
        name = settings.get("name", "nightly")
        return self.schedule_job(name, "0 6 * * *", path, ""), []

    def read_component(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[ComponentSpec, Sequence[str]]:
        self.read.append((path, dict(settings)))
        return CommandComponent(name=settings.get("name", "train"), command="x"), []

    def schedule_job(self, name: str, cron: str, job_file: str, time_zone: str) -> CreateSchedule:
        trigger = CronTrigger(expression=cron, time_zone=time_zone or "UTC")
        job_of_file = job.CommandJob(command="x", display_name=job_file)
        return CreateSchedule(name=name, trigger=trigger, job=job_of_file)

    def read_deployment(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[FileDeployment, Sequence[str]]:
        self.read.append((path, dict(settings)))
        name, endpoint = settings["name"], settings["endpoint_name"]
        spec = CreateOnlineDeployment(name=name, endpoint_name=endpoint, model="")
        described = CreateModel(name=f"{endpoint}-{name}", path="/x")
        content = environment.EnvironmentContent(requirements=["a"])
        return FileDeployment(spec, described, content), []

    def read_request(self, path: str) -> str:
        return f'{{"of": "{path}"}}'

    def interpreter(self) -> str:
        return "/usr/bin/python"

    def whole_path(self, path: str) -> str:
        return path if "://" in path or path.startswith("azureml:") else f"/here/{path}"

    def read_conda(self, path: str) -> str:
        return f"conda of {path}"

    def read_requirements(self, path: str) -> list[str]:
        return [f"line of {path}"]

    def packages(self) -> dict[str, str]:
        return {"numpy": "1.0"}

    def used_packages(self) -> set[str]:
        return {"tqdm"}

    def save(self, folder: str, files: Iterable[tuple[str, Iterator[bytes]]]) -> list[str]:
        return [str(Path(folder, name)) for name, pieces in files if b"".join(pieces) is not None]


class FakeSurface:
    """Remembers what it was to show. ``answer`` is what the person says when asked."""

    prefix = "%aml"

    def __init__(self, *, answer: bool = True, watched: bool = False) -> None:
        self.machine = FakeMachine()
        self.answer = answer
        self.watched = watched
        self.out: list[str] = []
        self.err: list[str] = []
        self.notes: list[str] = []
        self.questions: list[tuple[str, str]] = []
        self.slept = 0.0
        self.fetched: list[tuple[str, list[str]]] = []
        self.registered: list[tuple[str, CreateModel]] = []
        self.variables: dict[str, Any] = {}

    def stdout(self, text: str) -> None:
        self.out.append(text)

    def stderr(self, text: str) -> None:
        self.err.append(text)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def fetch(self, job: str, names: Sequence[str]) -> None:
        self.fetched.append((job, list(names)))

    def register(self, variable: str, wanted: CreateModel) -> Model:
        self.registered.append((variable, wanted))
        return FakeModels().add(wanted.name)

    def has_variable(self, name: str) -> bool:
        return name in self.variables

    def sample(self, expression: str) -> str:
        return f"sample {expression}"

    def here(self, lineage: Lineage) -> Lineage:
        return msgspec.structs.replace(lineage, notebook="a.ipynb")

    def progress(self, doing: str) -> Callable[[int, int], None]:
        return lambda done, total: self.notes.append(f"{doing}: {done} of {total}")

    def confirm(self, question: str, *, loses: str) -> bool:
        self.questions.append((question, loses))
        return self.answer

    def now(self) -> float:
        return NOW

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
