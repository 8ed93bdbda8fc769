"""What nouns with versions share (environment, data, model): how one is named, and its verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from jupyter_aml.grammar import options, phrases
from jupyter_aml.grammar.kinds import FOLDER
from jupyter_aml.grammar.language import Call, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.model.errors import Invalid

VERSION = Option(flags=("--version", "-v"), help="Its version; by default the newest.")
NEW_NAME = options.new_name("Its name, or name:version.")
NEW_VERSION = Option(flags=("--version", "-v"), help="Its version; by default the next number.")


def one_of(noun: str) -> tuple[Option, Option]:
    """The options that name a version of one that is there."""
    return options.name_of(noun, "Its name, or name:version."), VERSION


def all_of(noun: str) -> Option:
    """The option of ``list`` that asks for every version of one."""
    return options.name_of(noun, "Every version of this one.", required=False)


def include_archived(what: str) -> Option:
    return Option(flags=("--include-archived",), kind=None, help=f"Archived {what} as well.")


def hide_and_show(
    noun: str, archive: Callable[[Call], Result], restore: Callable[[Call], Result]
) -> tuple[Verb, Verb]:
    return (
        Verb(
            name="archive",
            summary="Hide it from lists; what names its version goes on using it.",
            run=archive,
            options=one_of(noun),
        ),
        Verb(name="restore", summary="Show it in lists again.", run=restore, options=one_of(noun)),
    )


def download(noun: str, run: Callable[[Call], Result], what: str) -> Verb:
    return Verb(
        name="download",
        summary="Copy its files here.",
        run=run,
        options=(
            *one_of(noun),
            Option(
                flags=("--download-path", "-p"),
                kind=FOLDER,
                help=f"The folder to copy into; by default one of the {what}'s name.",
            ),
        ),
    )


class Stored(Protocol):
    """A version that has files."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def bytes(self) -> int: ...


def copied(call: Call, one: Stored, contents: Iterable[tuple[str, Iterator[bytes]]]) -> Result:
    """Write its files where ``--download-path`` says, and tell how much that was."""
    folder = call["download_path"] or one.name
    saved = call.surface.machine.save(folder, contents)
    count = phrases.plural(len(saved), "file")
    return Result(
        value=saved,
        document={"name": one.name, "version": one.version, "download_path": folder},
        notes=[f"Copied {count} ({phrases.size(one.bytes)}) to {folder}."],
    )


def named(call: Call) -> tuple[str, str]:
    """Name and version: ``NAME --version V``, ``NAME:V`` or ``NAME@latest``."""
    return split(call["name"], call["version"])


def split(text: str, given: str | None) -> tuple[str, str]:
    """As `named`. An address (``azureml://…``) is a name as a whole."""
    if "://" in text:
        return text, given or ""
    name, at, version = text.removeprefix("azureml:").partition("@")
    if not at:
        name, _, version = name.partition(":")
    if version and given and version != given:
        raise Invalid(f"{text} and --version {given} are two versions.", target="--version")
    return name, given or version
