"""``session``: processes that are kept between cells."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import SESSION_NAME
from jupyter_aml.grammar.language import YES, Call, Noun, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.views import job as view
from jupyter_aml.model.errors import NotFound


def _list(call: Call) -> Result:
    found = call.client.sessions.list().value
    empty = "No sessions. A cell starts one by --session NAME."
    rows = view.sessions(found, call.surface.now(), empty=empty)
    return Result(value=found, document=document(found), parts=[rows])


def _delete(call: Call) -> Result:
    name = call["name"]
    if all(session.name != name for session in call.client.sessions.list().value):
        listed = call.command("session list")
        raise NotFound(f"There is no session {name!r}.", target=name, hint=f"See {listed}.")
    loses = f"The variables of session {name} are lost."
    if not call["yes"] and not call.surface.confirm(f"End session {name}?", loses=loses):
        return Result(notes=[f"Session {name} goes on."], exit_code=1)
    left = call.client.sessions.delete(name).value
    return Result(value=left, document=document(left), notes=[f"Ended session {name}."])


SESSION = Noun(
    name="session",
    summary="Processes that are kept between cells (--session NAME).",
    verbs=(
        Verb(name="list", summary="List them.", run=_list),
        Verb(
            name="delete",
            summary="End one; its variables are lost.",
            run=_delete,
            options=(
                options.name_of("session", kind=SESSION_NAME),
                YES,
            ),
        ),
    ),
)
