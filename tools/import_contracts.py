"""An import-linter contract that says what a folder of ours may import.

A list of what is allowed cannot be forgotten when a new folder appears, as a list of what is
forbidden can. The contracts themselves stand in pyproject.toml.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    ignore_imports = fields.SetField(subfield=fields.ImportExpressionField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002
        if self.folder not in graph.modules:
            return ContractCheck(kept=True, warnings=[f"{self.folder} does not exist yet."])
        broken = [*self._ours(graph), *self._others(graph)]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def _ours(self, graph: ImportGraph) -> list[str]:
        root = self.folder.partition(".")[0]
        allowed = (self.folder, ALWAYS_ALLOWED, *(self.may_import or ()))
        return [
            f"{importer} -> {imported} (l.{_line(graph, importer, imported)})"
            for importer in sorted(_package(graph, self.folder))
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if _within(imported, root) and not any(_within(imported, a) for a in allowed)
        ]

    def _others(self, graph: ImportGraph) -> list[str]:
        broken: list[str] = []
        for other in self.never or ():
            if other not in graph.modules:
                continue
            chain = graph.find_shortest_chain(self.folder, other, as_packages=True)
            if chain:
                line = _line(graph, chain[-2], chain[-1])
                broken.append(f"{' -> '.join(chain)} (l.{line})")
        return broken

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["broken"]:
            output.print_error(line)
        output.new_line()


def _package(graph: ImportGraph, name: str) -> set[str]:
    return {name, *graph.find_descendants(name)}


def _within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def _line(graph: ImportGraph, importer: str, imported: str) -> object:
    details = graph.get_import_details(importer=importer, imported=imported)
    return details[0]["line_number"] if details else "?"
