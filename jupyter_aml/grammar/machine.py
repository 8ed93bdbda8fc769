"""What verbs have done on this machine, without asking the service; see `surface` for the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from jupyter_aml.model import (
    component,
    compute,
    data,
    endpoint,
    environment,
    job,
    notebook_fill,
    package,
    registry,
    schedule,
    workspace,
)
from jupyter_aml.model.batch import CreateBatchDeployment, CreateBatchEndpoint


class FileEndpoint(Protocol):
    """An endpoint file: `client.endpointfile.FileEndpoint`."""

    spec: endpoint.CreateOnlineEndpoint
    traffic: dict[str, int]


class FileBatchDeployment(Protocol):
    """A batch deployment file, with the model and environment that it describes itself."""

    spec: CreateBatchDeployment
    model: registry.CreateModel | None
    environment: environment.EnvironmentContent | None


class FileDeployment(Protocol):
    """A deployment file, with the model and environment that it describes itself."""

    spec: endpoint.CreateOnlineDeployment
    model: registry.CreateModel | None
    environment: environment.EnvironmentContent | None


class Check(Protocol):
    """One line of `doctor`, a struct of `jupyter_aml.client.doctor`."""

    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str:
        """ "ok", "warn" or "fail"."""
        ...

    @property
    def message(self) -> str: ...
    @property
    def fix(self) -> str:
        """What to do about it, with the command to type."""
        ...


class SdkEnvironment(Protocol):
    """What leads Azure's SDK to this machine: `client.sdk.SdkEnvironment`."""

    @property
    def set(self) -> dict[str, str]: ...
    @property
    def unset(self) -> list[str]: ...


class Machine(Protocol):
    """What is done on this machine and not asked of the service.

    `jupyter_aml.client.machine.LocalMachine` is the real one.
    """

    def status(self) -> workspace.ServiceStatus:
        """The service's status. Starts nothing: without a service its state is "stopped"."""
        ...

    def start(self) -> workspace.ServiceStatus:
        """Start the service unless it runs; return when it answers."""
        ...

    def stop(self, *, force: bool) -> workspace.ServiceStatus:
        """Ask the service to stop and wait until it is gone. No service is no error."""
        ...

    def log(self, lines: int) -> str:
        """The last lines of the service's log."""
        ...

    def diagnose(self, about: str) -> Sequence[Check]:
        """Look for what keeps jupyter_aml (`about` "azure": Azure's SDK) from working here."""
        ...

    def sdk_environment(self, *, apply: bool) -> SdkEnvironment:
        """Open the compatible API; the variables for the SDK, set in this process if `apply`."""
        ...

    def read_job(self, path: str, settings: Mapping[str, Any]) -> tuple[job.JobSpec, str]:
        """The job of an ``az ml`` YAML file ("-" is standard input) and its name, "" if none."""
        ...

    def read_notebook(
        self,
        path: str,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, str],
        settings: Mapping[str, Any],
    ) -> job.NotebookJob:
        """The notebook file `path` as a job; `inputs` are names of data to where it is,
        `settings` other fields, by dotted path."""
        ...

    def fill_notebook(self, client: Any, path: str) -> notebook_fill.FilledNotebook:
        """Write the outputs of finished cell jobs into the saved notebook `path`."""
        ...

    def save(self, folder: str, files: Iterable[tuple[str, Iterator[bytes]]]) -> list[str]:
        """Write each file (its path relative to `folder`, its content). Returns where."""
        ...

    def read_compute(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[compute.ComputeSpec, Sequence[str]]:
        """The compute of an ``az ml`` YAML file, and what of it is not used here, in words."""
        ...

    def read_environment(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[environment.CreateEnvironment, Sequence[str]]:
        """The environment of an ``az ml`` YAML file, and what of it is not used here, in words."""
        ...

    def read_model(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[registry.CreateModel, Sequence[str]]:
        """The model of an ``az ml`` YAML file, and what of it is not used here, in words."""
        ...

    def read_data(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[data.CreateData, Sequence[str]]:
        """The data asset of an ``az ml`` YAML file, and what of it is not used here, in words."""
        ...

    def read_datastore(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[data.CreateDatastore, Sequence[str]]:
        """The datastore of a YAML file, and what of it is not used here, in words."""
        ...

    def package_model(
        self,
        model: registry.Model,
        folder: str,
        *,
        code: str,
        script: str,
        sample: str,
        prove: bool,
        say: Callable[[str], None],
    ) -> package.ModelPackage:
        """Write the model as a folder that runs elsewhere, and prove it. Takes minutes."""
        ...

    def read_endpoint(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[FileEndpoint, Sequence[str]]:
        """The endpoint of an ``az ml`` YAML file, and what of it is not used here, in words."""
        ...

    def read_deployment(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[FileDeployment, Sequence[str]]:
        """The deployment of an ``az ml`` YAML file, and what of it is not used here, in words."""
        ...

    def read_request(self, path: str) -> str:
        """The JSON of a file. Raise `Invalid` for a file that holds none."""
        ...

    def read_batch_endpoint(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[CreateBatchEndpoint, Sequence[str]]:
        """The batch endpoint of an ``az ml`` YAML file, and what of it is not used here."""
        ...

    def read_batch_deployment(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[FileBatchDeployment, Sequence[str]]:
        """The batch deployment of an ``az ml`` YAML file, and what of it is not used here."""
        ...

    def read_schedule(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[schedule.CreateSchedule, Sequence[str]]:
        """The schedule of an ``az ml`` YAML file, with its job."""
        ...

    def read_component(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[component.ComponentSpec, Sequence[str]]:
        """The component of an ``az ml`` YAML file."""
        ...

    def schedule_job(
        self, name: str, cron: str, job_file: str, time_zone: str
    ) -> schedule.CreateSchedule:
        """The job file `job_file` by a cron line; an empty time zone is UTC."""
        ...

    def interpreter(self) -> str:
        """This process's Python: what the ``kernel`` environment means here."""
        ...

    def whole_path(self, path: str) -> str:
        """A path of this machine made absolute; a reference (``azureml://…``) as it is."""
        ...

    def read_conda(self, path: str) -> str:
        """The text of a conda file, with the requirements files that it names."""
        ...

    def read_requirements(self, path: str) -> list[str]:
        """The lines of a requirements file, with those of the files that it names."""
        ...

    def packages(self) -> dict[str, str]:
        """What is installed beside this interpreter, name to version."""
        ...

    def used_packages(self) -> set[str]:
        """Those that this process has loaded for the person's own work; canonical names."""
        ...
