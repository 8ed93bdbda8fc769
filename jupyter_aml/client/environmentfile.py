"""Files that describe environments: ``az ml`` environment YAML, conda files, requirements files.

The service gets texts and no paths, so files that they name are read here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from jupyter_aml.client import yamlfile
from jupyter_aml.client.yamlfile import Fields
from jupyter_aml.model.environment import CreateEnvironment, EnvironmentContent
from jupyter_aml.model.errors import Invalid

_DEEPEST = 8
_INCLUDE = re.compile(r"(?:-r|--requirement)[ =]\s*(?P<path>.+)")
_DESCRIPTIVE = ("properties", "os_type", "inference_config", "datastore", "docker")
_SHOWN = (
    "id creation_context resource_group state source content packages modules bytes build_seconds "
    "usual_seconds build_started_at built_at created_at error warnings archived reason"
).split()
"""What ``environment show`` says beside; a file may hold it, to no effect."""


def load(
    path: str, settings: Mapping[str, Any] | None = None
) -> tuple[CreateEnvironment, list[str]]:
    """The environment of the file `path`, and what of it is not used here, in words.

    Its name is "" where neither the file nor `settings` give it one.
    """
    fields, folder = yamlfile.load_fields(path, settings)
    warnings: list[str] = []
    named: dict[str, Any] = {
        "name": fields.text("name"),
        "version": fields.text("version"),
        "description": fields.text("description"),
        "tags": fields.texts("tags"),
    }
    content = read_content(fields, folder, warnings)
    fields.pass_over(_SHOWN)
    fields.finish()
    return named_content(content, **named), warnings


def named_content(content: EnvironmentContent, **named: Any) -> CreateEnvironment:
    """`content` under a name, as the service is asked for it."""
    parts = {name: getattr(content, name) for name in EnvironmentContent.__struct_fields__}
    return CreateEnvironment(**{**parts, **named})


def content_of(named: CreateEnvironment) -> EnvironmentContent:
    """What it is to hold, without its name."""
    fields = EnvironmentContent.__struct_fields__
    return EnvironmentContent(**{name: getattr(named, name) for name in fields})


def read_content(fields: Fields, folder: Path, warnings: list[str]) -> EnvironmentContent:
    """What the environment is to hold, of an environment file or of a job's own fields."""
    build = fields.fields("build")
    if build is not None:
        warnings.append(f"build {build.text('path') or '.'} is not run here.")
        build.take("dockerfile_path")
        build.finish()
    for key in _DESCRIPTIVE:
        fields.take(key)
    return EnvironmentContent(
        image=fields.text("image"),
        conda_file=_conda_field(fields, folder),
        python=fields.text("python"),
        requirements=_requirements_field(fields, folder),
    )


def read_conda(path: str) -> str:
    """The text of a conda file, requirements files that its pip part names written out."""
    text, folder = yamlfile.read(path)
    return _conda(yamlfile.parse(text, Path(path).name), text, folder)


def read_requirements(path: str) -> list[str]:
    """The lines of a requirements file, with those of the files that it names."""
    text, folder = yamlfile.read(path)
    return _written_out(text.splitlines(), folder, 0)


def _conda_field(fields: Fields, folder: Path) -> str:
    value = fields.take("conda_file")
    if value is None:
        return ""
    if isinstance(value, dict):
        data = cast("dict[str, Any]", value)
        return _conda(data, _dumped(data), folder)
    if not isinstance(value, str):
        fields.refuse("conda_file", "is a file's path, or has the fields of a conda file")
    return read_conda(str(folder / value.removeprefix("file:")))


def _requirements_field(fields: Fields, folder: Path) -> list[str]:
    """Ours: ``requirements`` as a list, or the path of a file."""
    value = fields.take("requirements")
    if value is None:
        return []
    if isinstance(value, str):
        return read_requirements(str(folder / value))
    if not isinstance(value, list):
        fields.refuse("requirements", "is a list, or a file's path")
    return _written_out([str(line) for line in cast("list[object]", value)], folder, 0)


def _conda(data: dict[str, Any], text: str, folder: Path) -> str:
    dependencies = data.get("dependencies")
    if not isinstance(dependencies, list):
        return text
    for entry in cast("list[object]", dependencies):
        if not isinstance(entry, dict):
            continue
        part = cast("dict[str, object]", entry)
        lines = part.get("pip")
        if isinstance(lines, list):
            given = [str(line) for line in cast("list[object]", lines)]
            written = _written_out(given, folder, 0)
            if written != given:
                part["pip"] = written
                text = ""
    return text or _dumped(data)


def _dumped(data: dict[str, Any]) -> str:
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _written_out(lines: list[str], folder: Path, depth: int) -> list[str]:
    """Lines with the files that they name read in, and relative paths made whole."""
    found: list[str] = []
    for line in lines:
        text = line.strip()
        if include := _INCLUDE.fullmatch(text):
            if depth == _DEEPEST:
                raise Invalid(f"{text} leads on and on.", target=str(folder))
            path = folder / include["path"].strip()
            inner, below = yamlfile.read(str(path))
            found += _written_out(inner.splitlines(), below, depth + 1)
        elif re.match(r"\.{1,2}/", text):
            found.append(str((folder / text).resolve()))
        else:
            found.append(line)
    return found
