"""An import-linter contract that says what a folder of ours may import.

A list of what is allowed cannot be forgotten when a new folder appears, as a list of what is
forbidden can. The contracts themselves stand in pyproject.toml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from importlinter import Contract, ContractCheck, fields, output

if TYPE_CHECKING:
    from grimp import ImportGraph

# Written by the build, imports nothing, and every process may tell its version.
ALWAYS_ALLOWED = "jupyter_aml._version"


class FolderContract(Contract):
    """`folder` imports of ours only `may_import`, and never reaches `never` (other distributions).

    Imports inside functions count. `never` is followed through other modules of ours.
    """

    type_name = "folder"

    folder = fields.StringField()
    may_import = fields.ListField(subfield=fields.StringField(), required=False)
    never = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        # import-linter puts the values themselves in the place of the fields.
        folder = cast("str", self.folder)
        may_import = cast("list[str] | None", self.may_import) or []
        never = cast("list[str] | None", self.never) or []
        if folder not in graph.modules:
            return ContractCheck(kept=True, warnings=[f"{folder} does not exist yet."])
        broken = [*_ours(graph, folder, may_import), *_others(graph, folder, never)]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["broken"]:
            output.print_error(line)
        output.new_line()


def _ours(graph: ImportGraph, folder: str, may_import: list[str]) -> list[str]:
    root = folder.partition(".")[0]
    allowed = (folder, ALWAYS_ALLOWED, *may_import)
    return [
        f"{importer} -> {imported} (l.{_line(graph, importer, imported)})"
        for importer in sorted(_package(graph, folder))
        for imported in sorted(graph.find_modules_directly_imported_by(importer))
        if _within(imported, root) and not any(_within(imported, a) for a in allowed)
    ]


def _others(graph: ImportGraph, folder: str, never: list[str]) -> list[str]:
    broken: list[str] = []
    for other in never:
        if other not in graph.modules:
            continue
        chain = graph.find_shortest_chain(folder, other, as_packages=True)
        if chain:
            line = _line(graph, chain[-2], chain[-1])
            broken.append(f"{' -> '.join(chain)} (l.{line})")
    return broken


def _package(graph: ImportGraph, name: str) -> set[str]:
    return {name, *graph.find_descendants(name)}


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _line(graph: ImportGraph, importer: str, imported: str) -> object:
    details = graph.get_import_details(importer=importer, imported=imported)
    return details[0]["line_number"] if details else "?"
