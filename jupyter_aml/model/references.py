"""References to data: where ``azureml:…``, ``azureml://…``, a URL or a path points to.

Source of the forms: Azure ML's core YAML syntax. Pure: nothing is looked up here.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from jupyter_aml.model.errors import Invalid

LATEST = "latest"
PREFIX = "azureml:"

_SHORT = re.compile(
    r"azureml:(?!//)(?P<name>[^:@/\\\s]+)(?::(?P<version>[^:@/\s]+)|@(?P<label>.+))?"
)
_RESOURCE = re.compile(
    r"(?:azureml:(?://)?)?/?(?:subscriptions|locations)/.*?/(?:data|models)/(?P<name>[^/]+)"
    r"/versions/(?P<version>[^/]+)/?",
    re.IGNORECASE,
)
_DATASTORE = re.compile(
    r"azureml://(?:subscriptions/.*?/)?datastores/(?P<name>[^/]+)(?:/paths/?(?P<path>.*))?"
)
_JOB = re.compile(
    r"azureml://(?:subscriptions/.*?/)?jobs/(?P<job>[^/]+)/outputs/(?P<output>[^/]+)"
    r"(?:/paths/?(?P<path>.*))?"
)
_ARTIFACT = re.compile(
    r"azureml://(?:subscriptions/.*?/)?datastores/workspaceartifactstore/(?:paths/)?"
    r"ExperimentRun/dcid\.(?P<job>[^/]+)(?:/(?P<path>.*))?"
)
_SHOWN = re.compile(r"azureml/(?P<job>[^/]+)/(?P<output>[^/]+)(?:/(?P<path>.*))?")
_IN_AZURE = ("wasb", "wasbs", "abfs", "abfss", "adl", "s3", "gs")


@dataclass(frozen=True)
class Asset:
    """A version of a data asset or of a model; "" is the newest one."""

    name: str
    version: str = ""


@dataclass(frozen=True)
class InDatastore:
    datastore: str
    path: str


@dataclass(frozen=True)
class JobOutput:
    """An output of a job. ``path`` is relative to it."""

    job: str
    output: str
    path: str = ""


@dataclass(frozen=True)
class Web:
    url: str


@dataclass(frozen=True)
class OnMachine:
    """A path of this machine, as it was written."""

    path: str


Reference = Asset | InDatastore | JobOutput | Web | OnMachine


def compute_name(text: str) -> str:
    """The compute's name, of any way that Azure has to write it; "" where it names none."""
    return text.removeprefix("azureml:").rstrip("/").rpartition("/")[2]


def is_reference(text: str) -> bool:
    """Whether `text` is anything but a path of this machine."""
    return not isinstance(parse(text), OnMachine)


def parse(text: str) -> Reference:
    """What `text` points to. Raises `Invalid` for a form that means nothing here."""
    if not text or "\0" in text:
        raise Invalid("A reference to data is empty.", target="path", hint=_FORMS)
    if found := _ARTIFACT.fullmatch(text):
        return JobOutput(found["job"], "artifacts", (found["path"] or "").rstrip("/"))
    if found := _DATASTORE.fullmatch(text):
        return InDatastore(found["name"], found["path"] or "")
    if found := _JOB.fullmatch(text):
        return JobOutput(found["job"], found["output"], found["path"] or "")
    if found := _RESOURCE.fullmatch(text):
        return Asset(found["name"], found["version"])
    if text.startswith(PREFIX):
        return _asset(text)
    scheme, separator, _ = text.partition("://")
    if not separator:
        return OnMachine(text.removeprefix("file:"))
    return _of_scheme(scheme.lower(), text)


def asset(text: str) -> Asset:
    """``NAME``, ``NAME:VERSION``, ``NAME@latest``, with or without ``azureml:``."""
    found = parse(text if text.startswith((PREFIX, "/")) else PREFIX + text)
    if not isinstance(found, Asset):
        raise Invalid(
            f"{text!r} names no asset.", target="name", hint="Write NAME or NAME:VERSION."
        )
    return found


def output_at(path: str) -> JobOutput | None:
    """The output of a job that Azure would have put at `path` of the default datastore."""
    found = _SHOWN.fullmatch(path.rstrip("/"))
    return JobOutput(found["job"], found["output"], found["path"] or "") if found else None


def in_datastore(datastore: str, path: str) -> str:
    """The reference of `path` in `datastore`."""
    return f"azureml://datastores/{datastore}/paths/{path}"


def _asset(text: str) -> Asset:
    found = _SHORT.fullmatch(text)
    if found is None:
        raise Invalid(f"{text!r} is no reference to data.", target="path", hint=_FORMS)
    if found["label"] not in (None, LATEST):
        raise Invalid(
            f"There is no label {found['label']!r}.",
            target="path",
            hint=f"Write azureml:{found['name']}@latest.",
        )
    version = found["version"] or ""
    return Asset(found["name"], "" if version == LATEST else version)


def _of_scheme(scheme: str, text: str) -> Reference:
    if scheme in ("http", "https"):
        if "@" in text.partition("://")[2].partition("/")[0]:
            raise Invalid("An address with a password in it is not kept.", target="path")
        return Web(text)
    if scheme == "file":
        path = _unquoted("/" + text.partition("://")[2].partition("/")[2])
        return OnMachine(path.lstrip("/") if os.name == "nt" else path)
    what = (
        "is in a cloud, which this workspace does not reach"
        if scheme in _IN_AZURE
        else ("is no reference to data")
    )
    raise Invalid(f"{text!r} {what}.", target="path", hint=_FORMS)


def _unquoted(path: str) -> str:
    """``%20`` and its like as what they stand for."""
    raw = re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), path.encode())
    return raw.decode("utf-8", "replace")


_FORMS = (
    "Write azureml:NAME:VERSION, azureml:NAME@latest, azureml://datastores/NAME/paths/PATH, "
    "azureml://jobs/JOB/outputs/NAME/paths/PATH, an http(s) address, or a path of this machine."
)
