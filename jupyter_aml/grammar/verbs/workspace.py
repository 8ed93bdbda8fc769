"""``workspace``: what everything else belongs to."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.language import Call, Noun, Verb
from jupyter_aml.grammar.result import Column, Record, Result, Table
from jupyter_aml.model.errors import NotFound
from jupyter_aml.model.workspace import Workspace, WorkspaceList


def _list(call: Call) -> Result:
    return _listed(call.client.workspaces.list())


def _listed(page: WorkspaceList, *notes: str) -> Result:
    columns = [
        Column(title=""),
        Column(title="Workspace"),
        Column(title="Kind"),
        Column(title="Location"),
        Column(title="Description", flexible=True),
    ]
    rows = [
        ["*" if w.name == page.current else "", w.name, w.kind, w.location, w.description]
        for w in page.value
    ]
    documents = [_document(w, page.current) for w in page.value]
    table = Table(columns=columns, rows=rows)
    return Result(value=page.value, document=documents, parts=[table], notes=notes)


def _document(workspace: Workspace, current: str) -> dict[str, object]:
    return {**document(workspace), "current": workspace.name == current}


def _show(call: Call) -> Result:
    page = call.client.workspaces.list()
    wanted = call["name"] or page.current
    found = next((w for w in page.value if w.name == wanted), None)
    if found is None:
        known = ", ".join(w.name for w in page.value)
        raise NotFound(
            f"There is no workspace {wanted!r}.", target=wanted, hint=f"There are: {known}."
        )
    fields = [
        ("Kind", found.kind),
        ("Location", found.location),
        ("Description", found.description),
        ("User", found.user),
        ("Has", ", ".join(found.facets)),
        ("Current", "yes" if found.name == page.current else "no"),
    ]
    parts = [Record(fields=fields, title=found.name)]
    return Result(value=found, document=_document(found, page.current), parts=parts)


def _use(call: Call) -> Result:
    page = call.client.workspaces.use(call["name"])
    return _listed(page, f"The current workspace is {page.current}.")


_NAME = options.name_of("workspace")
_THIS = options.name_of("workspace", "Its name; by default the current one.", required=False)


WORKSPACE = Noun(
    name="workspace",
    summary="What everything else belongs to.",
    verbs=(
        Verb(name="list", summary="List workspaces.", run=_list),
        Verb(name="show", summary="Show one.", run=_show, options=(_THIS,)),
        Verb(name="use", summary="Make one current.", run=_use, options=(_NAME,)),
    ),
)
