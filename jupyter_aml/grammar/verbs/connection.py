"""``connection``: how things outside of the workspace are reached."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.language import YES, Call, Noun, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.views import connection as view

_NAME = options.name_of("connection")


def _list(call: Call) -> Result:
    found = call.client.connections.list().value
    return Result(value=found, document=document(found), parts=[view.table(found)])


def _delete(call: Call) -> Result:
    name = call["name"]
    loses = "Its credentials are kept nowhere else here."
    if not call["yes"] and not call.surface.confirm(f"Delete the connection {name}?", loses=loses):
        return Result(notes=[f"{name} was not deleted."], exit_code=1)
    gone = call.client.connections.delete(name)
    return view.shown(gone, f"Deleted {gone.name} and its credentials.")


CONNECTION = Noun(
    name="connection",
    summary="How things outside are reached: kept for scripts of Azure's SDK, which make them.",
    verbs=(
        Verb(name="list", summary="List them, without credentials.", run=_list),
        Verb(
            name="show",
            summary="Show one, without credentials.",
            run=lambda call: view.shown(call.client.connections.get(call["name"])),
            options=(_NAME,),
        ),
        Verb(
            name="delete",
            summary="Delete one and its credentials.",
            run=_delete,
            options=(_NAME, YES),
        ),
    ),
)
