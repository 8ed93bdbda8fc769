"""What verbs need from outside, as protocols: the client, this machine, the person's screen.

The terminal (`jupyter_aml.cli`) and the kernel (`jupyter_aml.kernel`) provide them; tests use
fakes. The grammar itself imports the model and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from jupyter_aml.grammar.data_client import DatastoreVerbs, DataVerbs, Progress
from jupyter_aml.model import (
    compute,
    data,
    environment,
    job,
    money,
    notebook_fill,
    package,
    preferences,
    registry,
    storage,
    workspace,
)
from jupyter_aml.model.event import Event
from jupyter_aml.model.preflight import CheckJob, Preflight
from jupyter_aml.model.waiting import Wait


class ComputeVerbs(Protocol):
    """`client.compute`."""

    def list(self) -> compute.ComputeList: ...
    def get(self, name: str) -> compute.Compute: ...
    def create(self, spec: compute.ComputeSpec) -> compute.Compute: ...
    def update(self, name: str, body: compute.UpdateCompute) -> compute.Compute: ...
    def delete(self, name: str) -> compute.Compute: ...
    def start(self, name: str) -> compute.Compute: ...
    def stop(self, name: str) -> compute.Compute: ...
    def restart(self, name: str) -> compute.Compute: ...
    def evict(self, name: str, node: str = ...) -> compute.Compute: ...
    def nodes(self, name: str) -> compute.NodeList: ...
    def sizes(self, type: str = ...) -> compute.SizeList: ...
    def usage(self) -> compute.UsageList: ...


class JobVerbs(Protocol):
    """`client.jobs`."""

    def list(
        self,
        *,
        max_results: int = ...,
        after: str = ...,
        include_archived: bool = ...,
        status: str = ...,
        compute: str = ...,
        experiment_name: str = ...,
    ) -> job.JobPage: ...
    def get(self, name: str) -> job.Job: ...
    def wait(self, name: str) -> Wait: ...
    def preflight(self, body: CheckJob) -> Preflight: ...
    def create(self, spec: job.JobSpec, name: str = ...) -> job.Job: ...
    def cancel(self, name: str) -> job.Job: ...
    def archive(self, name: str) -> job.Job: ...
    def restore(self, name: str) -> job.Job: ...
    def follow(self, name: str, after: int = ..., wait: bool = ...) -> Iterator[Event]: ...
    def metrics(self, name: str) -> registry.JobMetrics: ...
    def files(self, name: str) -> job.FileList: ...
    def read(self, name: str, path: str) -> Iterator[bytes]: ...


class EnvironmentVerbs(Protocol):
    """`client.environments`."""

    def list(
        self, name: str = ..., *, include_archived: bool = ...
    ) -> environment.EnvironmentList: ...
    def get(self, name: str, version: str = ...) -> environment.Environment: ...
    def create(self, body: environment.CreateEnvironment) -> environment.Environment: ...
    def build(self, name: str, version: str = ...) -> environment.Environment: ...
    def cancel(self, name: str, version: str = ...) -> environment.Environment: ...
    def log(self, name: str, version: str = ...) -> Iterator[environment.BuildLine]: ...
    def diff(
        self, name: str, body: environment.DiffEnvironment, version: str = ...
    ) -> environment.EnvironmentDiff: ...
    def archive(self, name: str, version: str = ...) -> environment.Environment: ...
    def restore(self, name: str, version: str = ...) -> environment.Environment: ...


class ModelVerbs(Protocol):
    """`client.models`."""

    def list(
        self,
        name: str = ...,
        *,
        stage: str = ...,
        job: str = ...,
        data: str = ...,
        include_archived: bool = ...,
    ) -> registry.ModelList: ...
    def get(self, name: str, version: str = ...) -> registry.Model: ...
    def create(self, body: registry.CreateModel) -> registry.Model: ...
    def update(
        self, name: str, body: registry.UpdateModel, version: str = ...
    ) -> registry.Model: ...
    def archive(self, name: str, version: str = ...) -> registry.Model: ...
    def restore(self, name: str, version: str = ...) -> registry.Model: ...
    def contents(self, name: str, version: str = ...) -> Iterator[tuple[str, Iterator[bytes]]]: ...


class SessionVerbs(Protocol):
    """`client.sessions`."""

    def list(self) -> job.SessionList: ...
    def delete(self, name: str) -> job.SessionList: ...


class PreferenceVerbs(Protocol):
    """`client.preferences`."""

    def get(self) -> preferences.Preferences: ...
    def update(self, preferences: preferences.Preferences, /) -> preferences.Preferences: ...


class WorkspaceVerbs(Protocol):
    """`client.workspaces`."""

    def list(self) -> workspace.WorkspaceList: ...
    def use(self, name: str) -> workspace.WorkspaceList: ...


class ServiceVerbs(Protocol):
    """`client.service`."""

    def status(self) -> workspace.ServiceStatus: ...
    def prune(self, body: storage.PruneStorage) -> storage.PruneReport: ...


class StorageVerbs(Protocol):
    """`client.storage`."""

    def usage(self) -> storage.StorageUsage: ...


class CostVerbs(Protocol):
    """`client.costs`."""

    def summary(self) -> money.CostSummary: ...
    def ledger(
        self, since: str = ..., group_by: money.GroupBy = ..., *, max_results: int = ...
    ) -> money.Ledger: ...


class Client(Protocol):
    """`jupyter_aml.client.Client`, as far as verbs use it."""

    @property
    def compute(self) -> ComputeVerbs: ...
    @property
    def jobs(self) -> JobVerbs: ...
    @property
    def environments(self) -> EnvironmentVerbs: ...
    @property
    def models(self) -> ModelVerbs: ...
    @property
    def datastores(self) -> DatastoreVerbs: ...
    @property
    def data(self) -> DataVerbs: ...
    @property
    def sessions(self) -> SessionVerbs: ...
    @property
    def preferences(self) -> PreferenceVerbs: ...
    @property
    def workspaces(self) -> WorkspaceVerbs: ...
    @property
    def service(self) -> ServiceVerbs: ...
    @property
    def storage(self) -> StorageVerbs: ...
    @property
    def costs(self) -> CostVerbs: ...


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

    def diagnose(self) -> Sequence[Check]:
        """Look for what keeps jupyter_aml from working here."""
        ...

    def read_job(self, path: str, settings: Mapping[str, Any]) -> tuple[job.JobSpec, str]:
        """The job of an ``az ml`` YAML file ("-" is standard input) and its name, "" if none."""
        ...

    def read_notebook(
        self, path: str, parameters: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> job.NotebookJob:
        """The notebook file `path` as a job; `settings` are other fields, by dotted path."""
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


class Surface(Protocol):
    """Where the person is: a terminal or a notebook."""

    @property
    def prefix(self) -> str:
        """How a command starts here: ``%aml`` or ``jupyter aml``."""
        ...

    @property
    def machine(self) -> Machine: ...

    @property
    def watched(self) -> bool:
        """A person looks on: notes about how a wait goes are welcome."""
        ...

    def stdout(self, text: str) -> None:
        """Show what a job wrote, as it is."""
        ...

    def stderr(self, text: str) -> None: ...

    def note(self, text: str) -> None:
        """Show a line beside the result."""
        ...

    def fetch(self, job: str, names: Sequence[str]) -> None:
        """Bring these variables that a finished job left into the person's own.

        Raise `Invalid` where there are none: in a terminal.
        """
        ...

    def register(self, variable: str, wanted: registry.CreateModel) -> registry.Model:
        """Register a variable of the person's own, as `wanted` says; its ``path`` is left empty.

        Raise `CannotTravel` for one that cannot be pickled, `Invalid` where there are none.
        """
        ...

    def sample(self, expression: str) -> str:
        """The rows that `expression` is here, as a request in JSON.

        In a terminal it is the path of a JSON file. Raise `Invalid` for what is neither.
        """
        ...

    def here(self, lineage: registry.Lineage) -> registry.Lineage:
        """With the notebook and the cell that the person is in, where there is one."""
        ...

    def progress(self, doing: str) -> Progress:
        """What to tell how far `doing` is, as it goes: bytes done and bytes in all."""
        ...

    def confirm(self, question: str, *, loses: str) -> bool:
        """Whether to go on although `loses` ("" for nothing) is lost.

        A notebook says what is lost and goes on, since typing the verb was the decision. A
        terminal asks. Where nobody can be asked, it raises `Invalid` if something is lost.
        """
        ...

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> None: ...
