"""From a reference to a path of this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jupyter_aml.model.data import DEFAULT_DATASTORE, Data
from jupyter_aml.model.errors import Invalid, NotFound
from jupyter_aml.model.references import (
    Asset,
    InDatastore,
    JobOutput,
    OnMachine,
    Web,
    in_datastore,
    output_at,
    parse,
)
from jupyter_aml.service.data.inside import existing
from jupyter_aml.service.data.places import Datastores

FindOutput = Callable[[str, str], Path]
"""Job and output to where it lies. Raises `NotFound`."""


@dataclass(frozen=True)
class Located:
    """``path`` is absolute, or an http(s) address. ``reference`` is "" for a plain path."""

    path: str
    reference: str = ""
    data: Data | None = None
    """Where it is a version of an asset."""
    job: str = ""
    """Where it is an output of a job."""


class Locator:
    """`find_data` is asked for assets (name, version), `find_output` for what jobs left."""

    def __init__(
        self, datastores: Datastores, find_data: Callable[[str, str], Data], find_output: FindOutput
    ) -> None:
        self._datastores = datastores
        self._find_data = find_data
        self._find_output = find_output

    def locate(self, text: str) -> Located:
        """Raises `NotFound` for what is not there, `Invalid` for what leads out of its folder."""
        match parse(text):
            case Asset(name, version):
                return self._asset(self._find_data(name, version))
            case InDatastore(datastore, path):
                return self._in_datastore(datastore, path)
            case JobOutput() as output:
                return self._output(output, text)
            case Web(url):
                return Located(url, url)
            case OnMachine(path):
                return _on_machine(path)

    def place(self, datastore: str, path: str) -> Path:
        """Where `path` of a datastore is, or will be. Raises `NotFound` without the datastore."""
        return self._datastores.place(datastore, path)

    def _in_datastore(self, datastore: str, path: str) -> Located:
        """In the default one outputs that lie in a job's own folder are found, too, under the
        paths that Azure gives them."""
        try:
            found = self._datastores.find(datastore, path)
        except NotFound:
            output = output_at(path) if datastore == DEFAULT_DATASTORE else None
            if output is None:
                raise
            try:
                return self._output(output, path)
            except NotFound:
                pass  # it is no output either: the datastore's own words say what was looked for
            raise
        return Located(str(found), in_datastore(datastore, path))

    def _output(self, output: JobOutput, text: str) -> Located:
        root = self._find_output(output.job, output.output)
        inner = output.path
        found = existing(root, inner, of=f"job {output.job}") if inner else _there(root, text)
        tail = f"/paths/{inner}" if inner else ""
        whole = f"azureml://jobs/{output.job}/outputs/{output.output}{tail}"
        return Located(str(found), whole, job=output.job)

    def _asset(self, data: Data) -> Located:
        path = data.local_path or data.path
        if data.local_path:
            _there(Path(data.local_path), data.reference)
        return Located(path, data.reference, data=data)


def _there(path: Path, what: str) -> Path:
    if not path.exists():
        raise NotFound(
            f"The files of {what} are not there.",
            target="path",
            hint=f"They belong at {path}. Put them there, or register them again.",
        )
    return path


def _on_machine(text: str) -> Located:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise Invalid(
            f"The path {text!r} is relative.",
            target="path",
            hint="The service does not know to which folder: write the whole path.",
        )
    if not path.exists():
        raise NotFound(f"There is no file or folder {path}.", target="path", hint="Mend the path.")
    return Located(str(path))
