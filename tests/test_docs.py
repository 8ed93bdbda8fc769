"""The documentation is true: everything there is is described, and what is described is there."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import shlex
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from traitlets.config import Application, Configurable

import jupyter_aml
from jupyter_aml import grammar
from jupyter_aml.model import api, errors
from jupyter_aml.model.preferences import Preferences

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
DOCS = sorted(path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts)
PAGES = [
    *DOCS,
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "AGENTS.md")),
    ROOT / "examples" / "README.md",
    ROOT / "changes" / "README.md",
]
SOURCES = sorted((ROOT / "jupyter_aml").rglob("*.py"))
NOUNS = {noun.name for noun in grammar.NOUNS}
NOTEBOOKS = sorted((ROOT / "examples").rglob("*.ipynb"))

FENCE = re.compile(r"^(?P<fence>```+|~~~+).*?^(?P=fence)\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
SOURCE = re.compile(r"""<(?:img|source|a)\b[^>]*?(?:src|srcset|href)=["']([^"']+)["']""")
COMMAND = re.compile(r"(?:^|[\s`(\"'])(%%aml|%aml|jupyter aml)(?=[\s`]|$)([^`\n]*)")
IN_MESSAGE = re.compile(r"(?<![%\w])(%%aml|%aml|jupyter aml)((?: [^\s`]+)*)")
# What stands in a usage line and not in a command.
PLACEHOLDER = re.compile(r"…|\.\.\.|\b(?:NOUN|VERB|OPTIONS)\b")
# Where a shell ends a command, or a comment begins.
SHELL_END = re.compile(r'\s#|\||\)"?$|\)"?\s|;|&&|\s>')


@lru_cache(maxsize=1)
def described() -> str:
    """All pages of docs/ as one text."""
    return "\n".join(path.read_text(encoding="utf-8") for path in DOCS)


def missing(names: list[str]) -> list[str]:
    """Those of `names` that no page of docs/ has in code."""
    return [name for name in names if f"`{name}`" not in described()]


# -- everything there is is described -----------------------------------------------------------


def test_every_operation_is_described() -> None:
    assert missing([route.operation for route in api.ROUTES]) == []


def test_every_error_code_is_described_and_can_be_mended() -> None:
    page = (ROOT / "docs" / "user" / "troubleshooting.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^#+ (\w+)$", page, re.MULTILINE))
    assert sorted(set(errors.codes()) - headings) == []


def verbs() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every verb as it is typed, with the flags of its options."""
    for noun in grammar.NOUNS:
        for verb in noun.verbs:
            typed = " ".join(word for word in (noun.name, verb.name) if word)
            yield typed, tuple(option.flags[0] for option in verb.options)


def test_every_verb_is_described() -> None:
    typed = [typed for typed, _ in verbs() if typed]
    assert [name for name in typed if f"aml {name}" not in described()] == []


def test_every_option_is_described() -> None:
    flags = {flag for _, flags in verbs() for flag in flags}
    flags |= {option.flags[0] for option in grammar.cell.CELL_OPTIONS}
    assert sorted(flag for flag in flags if flag not in described()) == []


def settings() -> Iterator[tuple[str, str]]:
    """Every setting of an administrator: class and name."""
    for module in pkgutil.walk_packages(jupyter_aml.__path__, "jupyter_aml."):
        if not module.name.endswith(("settings", ".app")):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if (
                isinstance(value, type)
                and issubclass(value, Configurable)
                and not issubclass(value, Application)  # its traits are its command line
                and value.__module__ == module.name
            ):
                for name in value.class_own_traits(config=True):
                    yield value.__name__, name


def test_every_setting_is_described() -> None:
    found = list(settings())
    assert ("AmlServer", "start_service") in found
    assert missing([f"c.{kind}.{name}" for kind, name in found]) == []


def test_every_preference_is_described() -> None:
    assert missing(list(Preferences.__struct_fields__)) == []


def test_every_entry_point_group_is_described() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [name for name in project["entry-points"] if name.startswith("jupyter_aml.")]
    assert groups
    assert [name for name in groups if name not in described()] == []


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))
    named = {
        target
        for page in PAGES
        for target in re.findall(r"(?:^\s{4}|`)make ([a-z-]+)", page.read_text(encoding="utf-8"))
    }
    assert named
    assert sorted(named - targets) == []


# -- what is described is there -------------------------------------------------------------------


def links(page: Path) -> Iterator[str]:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for match in LINK.finditer(text):
        yield match.group(1) or match.group(2)
    yield from SOURCE.findall(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = [
        link
        for link in links(page)
        if not re.match(r"[a-z]+:|#", link)
        and not (page.parent / link.partition("#")[0]).resolve().exists()
    ]
    assert broken == []


def commands(text: str) -> Iterator[tuple[str, str]]:
    """Every ``%aml``, ``%%aml`` and ``jupyter aml`` line: what it begins with, and the rest."""
    for kind, rest in COMMAND.findall(text):
        rest = SHELL_END.split(rest + " ")[0].strip()
        if not PLACEHOLDER.search(rest) and "[" not in rest:
            yield kind, rest


def code_of(page: Path) -> str:
    """The code of a page: fences, indented blocks, and spans."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        return "\n".join("".join(cell["source"]) for cell in cells)
    fences = [match.group(0) for match in FENCE.finditer(text)]
    text = FENCE.sub("", text)
    indented = re.findall(r"^ {4}.*$", text, re.MULTILINE)
    return "\n".join(
        [*fences, *indented, *(f"`{span}`" for span in re.findall(r"`([^`]+)`", text))]
    )


@pytest.mark.parametrize("page", [*PAGES, *NOTEBOOKS], ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_line_can_be_typed(page: Path) -> None:
    for kind, rest in commands(code_of(page)):
        check_command(kind, rest)


def check_command(kind: str, rest: str) -> None:
    try:
        if kind == "%%aml":
            grammar.parse_cell(rest)
        elif kind == "%aml":
            grammar.parse_line(rest)
        else:
            grammar.parse_words(shlex.split(rest), prefix="jupyter aml")
    except errors.AmlError as error:
        # What is filled in or appended at run time is of the right kind.
        if not re.search(r"'2'|is missing\.|needs a value", error.message):
            pytest.fail(f"{kind} {rest}\n{error}")


def messages(path: Path) -> Iterator[str]:
    """Every text of a module; what is filled into one at run time stands as "2"."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts.update(node.values)
            yield "".join(v.value if isinstance(v, ast.Constant) else "2" for v in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in parts:
            yield node.value


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_a_message_names_can_be_typed(path: Path) -> None:
    for text in messages(path):
        for kind, words in IN_MESSAGE.findall(text):
            rest = re.sub(r" N$", " 2", re.split(r"[,;)]", words)[0].rstrip("."))
            if not PLACEHOLDER.search(rest) and "[" not in rest and is_command(kind, rest):
                check_command(kind, rest)


def is_command(kind: str, rest: str) -> bool:
    """Whether the words go on as a command does, and not as a sentence about it."""
    first = rest.split()[:1]
    return bool(first) and (first[0].startswith("-") or (kind != "%%aml" and first[0] in NOUNS))


def test_command_lines_are_found_where_people_read_them() -> None:
    found = [kind for page in [*PAGES, *NOTEBOOKS] for kind, _ in commands(code_of(page))]
    assert {"%aml", "%%aml", "jupyter aml"} == set(found)
    assert len(found) > 50


# -- notebooks ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_notebooks_are_committed_without_outputs(path: Path) -> None:
    import nbformat

    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    # Each code cell stands below the text that says what it shows.
    for before, cell in zip(notebook.cells, notebook.cells[1:], strict=False):
        if cell.cell_type == "code":
            assert before.cell_type == "markdown", cell.id
            assert before.source.startswith("#"), cell.id
