"""``online-endpoint``: URLs that stay."""

from __future__ import annotations

from jupyter_aml.grammar import options
from jupyter_aml.grammar.documents import document
from jupyter_aml.grammar.kinds import TIMEOUT, Kind, whole_seconds
from jupyter_aml.grammar.language import NO_WAIT, YES, Call, Noun, Option, Verb
from jupyter_aml.grammar.result import Result
from jupyter_aml.grammar.verbs import online_endpoint_changes as changes
from jupyter_aml.grammar.verbs.endpoint_options import REQUEST, STEPS, TRAFFIC, request_text
from jupyter_aml.grammar.views import endpoint as view

_NAME = options.name_of("endpoint")
_DESCRIPTION = Option(flags=("--description",), help="What it is for.")


def _list(call: Call) -> Result:
    found = call.client.online_endpoints.list().value
    empty = f"No online endpoints. Make one: {call.command('deploy MODEL --endpoint NAME')}"
    return Result(value=found, document=document(found), parts=[view.endpoints(found, empty=empty)])


def _show(call: Call) -> Result:
    found = call.client.online_endpoints.get(call["name"])
    deployments = call.client.online_deployments.list(found.name).value
    shown = view.shown(found)
    if not deployments:
        return shown
    table = view.deployments(deployments, empty="")
    return Result(value=found, document=shown.document, parts=[*shown.parts, table])


def _invoke(call: Call) -> Result:
    text = request_text(call)
    found = call.client.online_endpoints.invoke(
        call["name"], text, deployment=call["deployment"] or ""
    )
    return view.answer(found, call["name"])


def _traffic(call: Call) -> Result:
    seconds = call["seconds"]
    return view.traffic(
        call.client.online_endpoints.traffic(call["name"], seconds=seconds), seconds
    )


ONLINE_ENDPOINT = Noun(
    name="online-endpoint",
    summary="URLs that answer, and what they are split over.",
    verbs=(
        Verb(name="list", summary="List them.", run=_list),
        Verb(name="show", summary="Show one, with its deployments.", run=_show, options=(_NAME,)),
        Verb(
            name="create",
            summary="Make a URL that stays; deployments come behind it.",
            run=changes.create,
            options=(
                options.new_name(),
                Option(
                    flags=("--auth-mode",),
                    kind=Kind.choice("key", "aml_token"),
                    help="Keys, or short-lived tokens; keys unless told.",
                ),
                _DESCRIPTION,
                options.TAGS,
                options.file("An az ml endpoint file (YAML)."),
                options.field_of_file("auth_mode=key"),
                NO_WAIT,
            ),
            examples=("online-endpoint create digits", "online-endpoint create -f endpoint.yml"),
        ),
        Verb(
            name="update",
            summary="Change its traffic, mirror, description or tags.",
            run=changes.update,
            options=(
                _NAME,
                Option(
                    flags=("--traffic",),
                    kind=TRAFFIC,
                    help='Percent of the requests for each deployment: "blue=90 green=10". Those '
                    "that are not named get none.",
                ),
                Option(
                    flags=("--mirror-traffic",),
                    kind=TRAFFIC,
                    help='Copies of requests whose answers nobody gets: "green=20", 50 at most.',
                ),
                _DESCRIPTION,
                options.TAGS,
            ),
            examples=('online-endpoint update digits --traffic "blue=90 green=10"',),
        ),
        Verb(
            name="rollout",
            summary="Move traffic to a deployment in steps, and back when it errs.",
            run=changes.rollout,
            options=(
                _NAME,
                Option(flags=("--to",), help="The deployment that is to get it.", completes=""),
                Option(
                    flags=("--mirror",),
                    kind=Kind.integer("PERCENT", 0, 50),
                    help="Begin with a step that copies so many percent of the requests to it and "
                    "throws its answers away; 0 unless told.",
                ),
                Option(flags=("--steps",), kind=STEPS, help="Percentages; 10,50,100 unless told."),
                Option(
                    flags=("--every",),
                    kind=TIMEOUT,
                    help="How long each step lasts; 30s unless told.",
                ),
                Option(
                    flags=("--max-error-rate",),
                    kind=Kind("SHARE", float),
                    help="More failures than this share take it back; 0.05 unless told.",
                ),
                Option(
                    flags=("--max-p95",),
                    kind=TIMEOUT,
                    help="So does a 95th percentile of the latency over this: 0.5s.",
                ),
                Option(
                    flags=("--max-p95-times",),
                    kind=Kind("TIMES", float),
                    help="So does one over so many times that of what had the traffic before: 2.",
                ),
                Option(flags=("--cancel",), kind=None, help="End the one under way, and go back."),
            ),
            examples=(
                "online-endpoint rollout digits --to green --steps 10,50,100 --every 1m",
                "online-endpoint rollout digits --to green --mirror 10 --max-p95-times 2",
            ),
        ),
        Verb(
            name="invoke",
            summary="Send it a request, with its key.",
            details="Rows of the notebook are sent as JSON: lists, arrays and data frames.",
            run=_invoke,
            options=(_NAME, *REQUEST),
            examples=(
                "online-endpoint invoke digits --request-data X_test[:5]",
                "online-endpoint invoke digits --request-file request.json",
            ),
        ),
        Verb(
            name="keys",
            summary="Show its keys, or renew one.",
            run=changes.keys,
            options=(
                _NAME,
                Option(
                    flags=("--renew",),
                    kind=Kind.choice("primary", "secondary"),
                    help="Draw a new one; the old one stops working at once.",
                ),
            ),
            aliases=("regenerate-keys",),
        ),
        Verb(
            name="get-credentials",
            summary="Its keys, or a token where it has tokens.",
            run=changes.credentials,
            options=(_NAME,),
        ),
        Verb(
            name="traffic",
            summary="Requests, failures and latencies of each deployment.",
            run=_traffic,
            options=(
                _NAME,
                Option(
                    flags=("--last",),
                    kind=whole_seconds(1, 3600),
                    default=600,
                    key="seconds",
                    help="Over how long: 60, 10m; 10m unless told.",
                ),
            ),
        ),
        Verb(
            name="delete",
            summary="Delete it with all of its deployments.",
            run=changes.delete,
            options=(_NAME, YES, NO_WAIT),
        ),
    ),
)
