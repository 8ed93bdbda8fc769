"""What a verb does on this machine without asking the service: see `grammar.surface.Machine`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

from jupyter_aml._version import __version__
from jupyter_aml.client import discovery
from jupyter_aml.client.home import service_home
from jupyter_aml.model.environment import CreateEnvironment
from jupyter_aml.model.errors import Invalid, StorageFull
from jupyter_aml.model.workspace import ServiceStatus

if TYPE_CHECKING:
    from jupyter_aml.client.batchfile import FileBatchDeployment
    from jupyter_aml.client.client import Client
    from jupyter_aml.client.doctor import Check
    from jupyter_aml.client.endpointfile import FileDeployment, FileEndpoint
    from jupyter_aml.client.jobfile import FileJob
    from jupyter_aml.client.sdk import SdkEnvironment
    from jupyter_aml.model.batch import CreateBatchEndpoint
    from jupyter_aml.model.component import ComponentSpec
    from jupyter_aml.model.compute import ComputeSpec
    from jupyter_aml.model.data import CreateData, CreateDatastore
    from jupyter_aml.model.job import NotebookJob
    from jupyter_aml.model.notebook_fill import FilledNotebook
    from jupyter_aml.model.package import ModelPackage
    from jupyter_aml.model.registry import CreateModel, Model
    from jupyter_aml.model.schedule import CreateSchedule

LOG_TAIL_BYTES = 4_000_000


class LocalMachine:
    """This machine, for the service of one home. The terminal and the kernel hand it to verbs."""

    def __init__(self, home: Path | None = None) -> None:
        self.home = home or service_home()

    def status(self) -> ServiceStatus:
        """The service's status. Starts nothing: without a service its state is "stopped"."""
        runtime = discovery.find(self.home)
        return self._stopped() if runtime is None else discovery.status(runtime)

    def start(self) -> ServiceStatus:
        """Start the service unless it runs; return when it answers."""
        return discovery.status(discovery.start(self.home))

    def stop(self, *, force: bool) -> ServiceStatus:
        """Ask the service to stop and wait until it is gone. No service is no error."""
        discovery.stop(self.home, force=force)
        return self._stopped()

    def _stopped(self) -> ServiceStatus:
        running = {"jobs": 0, "nodes": 0, "endpoints": 0}
        return ServiceStatus(
            state="stopped", version=__version__, home=str(self.home), running=running
        )

    def log(self, lines: int) -> str:
        """The last `lines` lines of the service's log; "" if it never ran."""
        path = self.home / "service.log"
        try:
            with path.open("rb") as stream:
                stream.seek(max(0, path.stat().st_size - LOG_TAIL_BYTES))
                text = stream.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise Invalid(f"The log cannot be read: {error.strerror}.", target=str(path)) from error
        return "".join(text.splitlines(keepends=True)[-lines:])

    def diagnose(self, about: str = "") -> Sequence[Check]:
        """Look for what keeps jupyter_aml (`about` "azure": Azure's SDK) from working here."""
        if about == "azure":
            from jupyter_aml.client.sdk_doctor import diagnose
        else:
            from jupyter_aml.client.doctor import diagnose
        return diagnose(self.home)

    def sdk_environment(self, *, apply: bool) -> SdkEnvironment:
        """Open the compatible API; the variables for the SDK, set in this process if `apply`."""
        from jupyter_aml.client.sdk import sdk_environment

        found = sdk_environment(self.home, os.environ)
        if apply:
            found.apply(os.environ)
        return found

    def read_job(self, path: str, settings: Mapping[str, Any]) -> tuple[FileJob, str]:
        """The job of an ``az ml`` YAML file ("-" is standard input) and its name, "" if none."""
        from jupyter_aml.client.jobfile import load

        return load(path, settings, home=self.home)

    def read_notebook(
        self,
        path: str,
        parameters: Mapping[str, Any],
        inputs: Mapping[str, str],
        settings: Mapping[str, Any],
    ) -> NotebookJob:
        """The notebook file `path` as a job; `inputs` are names of data to where it is,
        `settings` other fields, by dotted path."""
        from jupyter_aml.client.jobfile import of_notebook

        return of_notebook(path, parameters, inputs, settings)

    def fill_notebook(self, client: Client, path: str) -> FilledNotebook:
        """Write the outputs of finished cell jobs into the saved notebook `path`."""
        from jupyter_aml.client.notebookfill import fill

        return fill(client, path)

    def read_compute(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[ComputeSpec, Sequence[str]]:
        """The compute of an ``az ml`` YAML file, and what of it is not used here, in words."""
        from jupyter_aml.client.computefile import load

        return load(path, settings)

    def read_environment(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[CreateEnvironment, Sequence[str]]:
        """The environment of an ``az ml`` YAML file, and what of it is not used here, in words."""
        from jupyter_aml.client.environmentfile import load

        return load(path, settings)

    def read_model(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[CreateModel, Sequence[str]]:
        """The model of an ``az ml`` YAML file, and what of it is not used here, in words."""
        from jupyter_aml.client.modelfile import load

        return load(path, settings)

    def read_data(self, path: str, settings: Mapping[str, Any]) -> tuple[CreateData, Sequence[str]]:
        """The data asset of an ``az ml`` YAML file, and what of it is not used here, in words."""
        from jupyter_aml.client.datafile import load

        return load(path, settings)

    def read_datastore(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[CreateDatastore, Sequence[str]]:
        """The datastore of a YAML file, and what of it is not used here, in words."""
        from jupyter_aml.client.datafile import load_datastore

        return load_datastore(path, settings)

    def package_model(
        self,
        model: Model,
        folder: str,
        *,
        code: str,
        script: str,
        sample: str,
        prove: bool,
        say: Callable[[str], None],
    ) -> ModelPackage:
        """Write the model as a folder that runs elsewhere, and prove it. Takes minutes."""
        from jupyter_aml.client.package.making import make
        from jupyter_aml.client.package.wish import Wish

        wish = Wish(
            model=model,
            output=Path(folder).expanduser().absolute(),
            code=Path(code).expanduser().absolute() if code else None,
            script=script,
            sample=sample,
            prove=prove,
        )
        return make(wish, say)

    def read_endpoint(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[FileEndpoint, Sequence[str]]:
        """The endpoint of an ``az ml`` YAML file, and what of it is not used here, in words."""
        from jupyter_aml.client.endpointfile import load_endpoint

        return load_endpoint(path, settings)

    def read_deployment(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[FileDeployment, Sequence[str]]:
        """The deployment of an ``az ml`` YAML file, and what of it is not used here, in words."""
        from jupyter_aml.client.endpointfile import load_deployment

        return load_deployment(path, settings)

    def read_request(self, path: str) -> str:
        """The JSON of a file. Raise `Invalid` for a file that holds none."""
        from jupyter_aml.client.requestdata import request_file

        return request_file(path)

    def read_batch_endpoint(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[CreateBatchEndpoint, Sequence[str]]:
        """The batch endpoint of an ``az ml`` YAML file, and what of it is not used here."""
        from jupyter_aml.client.batchfile import load_endpoint

        return load_endpoint(path, settings)

    def read_batch_deployment(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[FileBatchDeployment, Sequence[str]]:
        """The batch deployment of an ``az ml`` YAML file, and what of it is not used here."""
        from jupyter_aml.client.batchfile import load_deployment

        return load_deployment(path, settings)

    def read_schedule(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[CreateSchedule, Sequence[str]]:
        """The schedule of an ``az ml`` YAML file, with its job."""
        from jupyter_aml.client.schedulefile import load

        return load(path, settings, home=self.home)

    def read_component(
        self, path: str, settings: Mapping[str, Any]
    ) -> tuple[ComponentSpec, Sequence[str]]:
        """The component of an ``az ml`` YAML file."""
        from jupyter_aml.client.componentfile import load

        return load(path, settings)

    def schedule_job(self, name: str, cron: str, job_file: str, time_zone: str) -> CreateSchedule:
        """The job file `job_file` by a cron line; an empty time zone is UTC."""
        from jupyter_aml.client.schedulefile import of_job

        return of_job(name, cron, job_file, time_zone=time_zone, home=self.home)

    def interpreter(self) -> str:
        """This process's Python: what the ``kernel`` environment means here."""
        return sys.executable

    def whole_path(self, path: str) -> str:
        """A path of this machine made absolute; a reference (``azureml://…``) as it is."""
        from jupyter_aml.client.modelfile import whole_path

        return whole_path(path)

    def read_conda(self, path: str) -> str:
        """The text of a conda file, with the requirements files that it names."""
        from jupyter_aml.client.environmentfile import read_conda

        return read_conda(path)

    def read_requirements(self, path: str) -> list[str]:
        """The lines of a requirements file, with those of the files that it names."""
        from jupyter_aml.client.environmentfile import read_requirements

        return read_requirements(path)

    def packages(self) -> dict[str, str]:
        """What is installed beside this interpreter, name to version."""
        from jupyter_aml.client.packages import installed

        return installed()

    def used_packages(self) -> set[str]:
        """Those that this process has loaded for the person's own work; canonical names."""
        from jupyter_aml.client.packages import used

        return used()

    def save(self, folder: str, files: Iterable[tuple[str, Iterator[bytes]]]) -> list[str]:
        """Write each file (its path relative to `folder`, its content). Returns where.

        A file is there as a whole or not at all. Raise `Invalid` for a path that leads out of
        `folder`, before anything of that file is written.
        """
        root = Path(folder).expanduser().absolute()
        saved: list[str] = []
        try:
            for name, pieces in files:
                target = root.joinpath(*_inside(name))
                target.parent.mkdir(parents=True, exist_ok=True)
                _write(target, pieces)
                saved.append(str(target))
        except OSError as error:
            raise StorageFull(
                f"The files cannot be written: {error.strerror}.",
                target=error.filename or str(root),
                hint="Name another folder: --download-path FOLDER",
            ) from error
        return saved


def _inside(name: str) -> tuple[str, ...]:
    """The parts of a relative path that stays inside; a service could send any."""
    parts = PurePosixPath(name).parts
    strange = not parts or ".." in parts or name.startswith("/") or "\0" in name
    windows = os.name == "nt" and (PureWindowsPath(name).drive or "\\" in name or ":" in name)
    if strange or windows:
        raise Invalid(f"A file has a path that leads out of its folder: {name!r}.", target=name)
    return parts


def _write(target: Path, pieces: Iterator[bytes]) -> None:
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as stream:
            for piece in pieces:
                stream.write(piece)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
