"""``az ml`` files: YAML read with care, and taken apart field by field.

`jobfile`, `computefile` and the other ``…file`` modules say which fields there are. What they do
not take is refused by its JSON path, with the nearest field there is.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn, cast

import yaml

from jupyter_aml.model import not_run
from jupyter_aml.model.errors import Invalid, NotFound, TooLarge
from jupyter_aml.model.nearest import nearest, nearest_of

LARGEST_BYTES = 1_000_000
STDIN = "-"


class _Loader(yaml.SafeLoader):
    """Safe YAML in which a date stays the text that it is and no key may come twice."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    problem = f"the key {key.value!r} is there twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def read(path: str) -> tuple[str, Path]:
    """The text of `path` ("-" is standard input) and the folder that its paths are relative to."""
    try:
        if path == STDIN:
            raw, folder = sys.stdin.buffer.read(LARGEST_BYTES + 1), Path.cwd()
        else:
            file = Path(path).expanduser().absolute()
            folder = file.parent
            with file.open("rb") as stream:
                raw = stream.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise NotFound(f"There is no file {path!r}.", target=path) from None
    except (OSError, ValueError) as error:
        raise Invalid(
            f"{path!r} cannot be read: {getattr(error, 'strerror', None) or error}.", target=path
        ) from None
    if len(raw) > LARGEST_BYTES:
        raise TooLarge(f"{path!r} is larger than 1 MB, which no such file is.", target=path)
    try:
        return raw.decode("utf-8-sig"), folder
    except UnicodeDecodeError as error:
        raise Invalid(f"{path!r} is not UTF-8 text.", target=path, details=[str(error)]) from None


def parse(text: str, label: str) -> dict[str, Any]:
    """The mapping that `text` is; `label` names the file in errors."""
    try:
        found = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise Invalid(
            f"This is not YAML: {error.problem or error.context}.",
            target=f"{label}{line}",
            details=[str(error)],
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        # ValueError: a number or a character that Python cannot hold.
        raise Invalid("This is not YAML.", target=label, details=[str(error)[:500]]) from None
    if not isinstance(found, dict):
        raise Invalid("The file holds no fields.", target=label, hint="It begins with key: value.")
    return cast("dict[str, Any]", found)


def load(path: str, settings: Mapping[str, Any] | None) -> tuple[dict[str, Any], str, Path]:
    """What the file `path` holds once ``--set`` has changed it, its name in errors, its folder."""
    text, folder = read(path)
    label = "standard input" if path == STDIN else Path(path).name
    return change(parse(text, label), settings or {}), label, folder


def load_fields(path: str, settings: Mapping[str, Any] | None) -> tuple[Fields, Path]:
    """As `load`, to be taken apart; ``$schema`` is taken already."""
    data, label, folder = load(path, settings)
    fields = Fields(data, label)
    fields.take("$schema")
    return fields, folder


def change(data: dict[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with what ``--set a.b=value`` asks for. Mappings on the way are made as needed."""
    for path, value in settings.items():
        *parents, last = path.split(".")
        place = data
        for depth, key in enumerate(parents):
            inner = place.get(key)
            if inner is None:
                inner = {}
            if not isinstance(inner, dict):
                there = ".".join(parents[: depth + 1])
                raise Invalid(
                    f"{path} cannot be set: {there} has no fields, it is {inner!r}.",
                    target=f"--set {path}",
                )
            # A copy: anchors of YAML may share one mapping.
            place[key] = dict(cast("dict[str, Any]", inner))
            place = place[key]
        place[last] = value
    return data


class Fields:
    """One mapping of a file. Each field is taken once; `finish` refuses what is left.

    A field whose value is null counts as absent, as in ``az ml``.
    """

    def __init__(self, values: object, label: str, path: str = "$") -> None:
        self.label, self.path = label, path
        if not isinstance(values, dict):
            self.refuse("", f"has fields of its own, and cannot be {_said(values)}")
        self._left = dict(cast("dict[Any, Any]", values))
        self._known: list[str] = []

    def __contains__(self, key: str) -> bool:
        return self._left.get(key) is not None

    def keys(self) -> list[str]:
        """Keys not taken yet."""
        return [self._key(key) for key in self._left]

    def _key(self, key: object) -> str:
        if not isinstance(key, str):
            self.refuse("", f"has the key {key!r}, which is no text; write it in quotes")
        return key

    def where(self, key: str = "") -> str:
        return f"{self.label}: {self.path}{'.' if key else ''}{key}"

    def refuse(self, key: str, what: str, hint: str = "") -> NoReturn:
        """Raise `Invalid`: the field `key` (or this mapping) `what`."""
        name = f"{self.path}.{key}" if key else self.path
        if what.startswith("is missing"):
            slip = nearest_of(key, [left for left in self._left if isinstance(left, str)])
            hint = f"Is {slip} meant to be it? {hint}" if slip else hint
        raise Invalid(f"{name} {what}.", target=self.where(key), hint=hint)

    def take(self, key: str) -> Any:
        """The raw value, or None."""
        self._known.append(key)
        return self._left.pop(key, None)

    def pass_over(self, keys: Iterable[str]) -> None:
        """Take fields that mean nothing in a file: what ``show`` says beside, say."""
        for key in keys:
            self.take(key)

    def left_aside(self, keys: Iterable[str]) -> list[str]:
        """Take fields that are Azure's and not used here; a warning for each that has a value."""
        return [f"{key} is not used here." for key in keys if self.take(key) is not None]

    def text(self, key: str) -> str:
        """A text, or "" if absent. A number or a boolean is taken as it is written."""
        value = self.take(key)
        return "" if value is None else self._text(key, value)

    def _text(self, key: str, value: object) -> str:
        if isinstance(value, str):
            if "\0" in value:
                self.refuse(key, "holds a null character")
            return value
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, int | float):
            return str(value)
        self.refuse(key, f"is a text, and cannot be {_said(value)}")

    def texts(self, key: str) -> dict[str, str]:
        """A mapping of texts: tags, environment variables."""
        fields = self.fields(key)
        if fields is None:
            return {}
        return {name: fields.text(name) for name in fields.keys()}  # noqa: SIM118 - not a dict

    def number(self, key: str) -> float | None:
        """A number, also where it is written as text."""
        value = self.take(key)
        if value is None:
            return None
        try:
            if isinstance(value, bool):
                raise ValueError
            return float(value)
        except (TypeError, ValueError, OverflowError):
            self.refuse(key, f"is a number, and cannot be {_said(value)}")

    def integer(self, key: str, least: int, most: int) -> int | None:
        value = self.number(key)
        if value is None:
            return None
        if not least <= value <= most or value != int(value):
            self.refuse(key, f"is a whole number from {least} to {most}, and cannot be {value:g}")
        return int(value)

    def choice(self, key: str, choices: Iterable[str]) -> str:
        """One of `choices` in any case, or "" if absent."""
        value = self.text(key).lower()
        known = list(choices)
        if value and value not in known:
            hint = f"{nearest(value, known)}It is one of {', '.join(known)}."
            self.refuse(key, f"cannot be {value!r}", hint)
        return value

    def kind(self, kinds: Iterable[str], what: str) -> str:
        """The ``type``: one of `kinds`, or "" if absent. Azure's other ones are refused as such.

        `what` is as of `not_run.refusal`.
        """
        told = self.text("type")
        refusal = not_run.refusal(what, told, self.where("type"))
        if refusal is not None:
            raise refusal
        known = list(kinds)
        if told and told.lower() not in known:
            hint = f"{nearest(told.lower(), known)}It is one of {', '.join(known)}."
            self.refuse("type", f"cannot be {told!r}", hint)
        return told.lower()

    def fields(self, key: str) -> Fields | None:
        """A mapping inside this one, or None if absent."""
        value = self.take(key)
        return None if value is None else Fields(value, self.label, f"{self.path}.{key}")

    def finish(self) -> None:
        """Refuse the first field that nobody took."""
        for key in self.keys():
            known = [name for name in self._known if name != "$schema"]
            hint = f"{nearest(key, known)}There are: {', '.join(known)}."
            self.refuse(key, "is not a field here", hint)


def _said(value: object) -> str:
    kinds: dict[type, str] = {
        dict: "a mapping",
        list: "a list",
        bool: "true or false",
        type(None): "nothing",
    }
    return kinds.get(type(value)) or repr(value)[:80]
