"""``online-deployment``: what answers behind an endpoint."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import NAME, Kind
from jupyter_aml.grammar.language import NO_WAIT, YES, Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs import online_deployment_changes as changes
from jupyter_aml.grammar.verbs.endpoint_options import ENDPOINT, REQUEST
from jupyter_aml.grammar.verbs.online_deployment_rehearsal import rehearse
from jupyter_aml.grammar.views import endpoint as view

_NAME = options.name_of("deployment")


def _list(call: Call) -> Result:
    if call["endpoint"]:
        names = [call["endpoint"]]
    else:
        names = [one.name for one in call.client.online_endpoints.list().value]
    found = [one for name in names for one in call.client.online_deployments.list(name).value]
    empty = f"No deployments. Make one: {call.command('deploy MODEL --endpoint NAME')}"
    return Result(
        value=found, document=document(found), parts=[view.deployments(found, empty=empty)]
    )


def _show(call: Call) -> Result:
    return view.deployment(call.client.online_deployments.get(call["endpoint"], call["name"]))


def _logs(call: Call) -> Result:
    lines = call.client.online_deployments.logs(
        call["endpoint"],
        call["name"],
        kind=call["kind"] or "console",
        instance=call["instance"] or "",
        tail=call["tail"],
        follow=call["follow"],
    )
    kept: list[object] = []
    for line in lines:
        call.surface.stdout(f"{line.text}\n")
        kept.append(line)
    return Result(value=kept, document=document(kept))


ONLINE_DEPLOYMENT = Noun(
    name="online-deployment",
    summary="What answers behind an endpoint.",
    verbs=(
        Verb(
            name="list",
            summary="List those of an endpoint, or all.",
            run=_list,
            options=(
                Option(
                    flags=("--endpoint-name", "--endpoint", "-e"),
                    kind=NAME,
                    help="Only those of this endpoint.",
                    positional=True,
                    completes="endpoint",
                    key="endpoint",
                ),
            ),
        ),
        Verb(
            name="show",
            summary="Show one, with its instances.",
            run=_show,
            options=(_NAME, ENDPOINT),
        ),
        Verb(
            name="create",
            summary="Put a model behind an endpoint.",
            details=(
                "A model that was registered from a variable, or by MLflow, needs no script: one "
                "is written and shown. Others need a score.py with init() and run(data)."
            ),
            run=changes.create,
            options=changes.DESCRIBING,
            examples=(
                "online-deployment create blue -e digits --model digits:1",
                "online-deployment create --file deployment.yml --all-traffic",
            ),
        ),
        Verb(
            name="rehearse",
            summary="Try it without making it: start it, send it one request, end it.",
            details=(
                "Nothing is deployed, and the endpoint need not exist. What would be started is "
                "started for a moment: it says how long it takes to come up, what memory it uses, "
                "what it answers, and whether the deployment that serves now answers the same. "
                "Of a deployment that is there, options that are not given stay as they are."
            ),
            run=rehearse,
            options=(*changes.SPEC, *REQUEST[:2]),
            examples=(
                "online-deployment rehearse green -e digits --model digits:2",
                "online-deployment rehearse blue -e digits --script score.py --model digits:1 "
                "--request-data X_test[:2]",
            ),
        ),
        Verb(
            name="update",
            summary="Replace what runs; new instances answer before old ones leave.",
            details="Options that are not given stay as they are.",
            run=changes.update,
            options=changes.DESCRIBING,
            examples=("online-deployment update blue -e digits --model digits:2",),
        ),
        Verb(
            name="logs",
            summary="What its script printed, or the requests it got.",
            run=_logs,
            options=(
                _NAME,
                ENDPOINT,
                Option(
                    flags=("--kind", "-k"),
                    kind=Kind.choice("console", "requests"),
                    help="The console, or a JSON line for each request; the console unless told.",
                ),
                Option(flags=("--instance",), kind=NAME, help="Only of this instance."),
                Option(
                    flags=("--lines", "--tail", "-l"),
                    kind=Kind.integer("LINES", 0, 100_000),
                    default=200,
                    key="tail",
                    help="How many of the last lines; 200 unless told.",
                ),
                Option(flags=("--follow",), kind=None, help="Go on with what comes."),
            ),
            aliases=("get-logs",),
        ),
        Verb(
            name="restart",
            summary="Replace one instance: a new one answers first.",
            run=changes.restart,
            options=(
                _NAME,
                ENDPOINT,
                Option(flags=("--instance",), kind=NAME, help="Which one.", required=True),
            ),
        ),
        Verb(
            name="delete",
            summary="Delete it; refused while it has traffic.",
            run=changes.delete,
            options=(_NAME, ENDPOINT, YES, NO_WAIT),
        ),
    ),
)
