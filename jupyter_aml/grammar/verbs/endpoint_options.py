"""Options that the verbs of endpoints and deployments share, and how they are read."""

from __future__ import annotations

import msgspec

from jupyter_aml.grammar.kinds import FILE, NAME, Kind, read_pair
from jupyter_aml.grammar.language import Call, Option
from jupyter_aml.model.errors import Invalid

COUNT = Kind.integer("COUNT", 0, 50)


def _read_traffic(text: str) -> dict[str, int]:
    """``blue=90 green=10`` (or with commas)."""
    found: dict[str, int] = {}
    for word in text.replace(",", " ").split():
        name, percent = read_pair(word)
        if not percent.isdigit() or int(percent) > 100:
            raise ValueError(f"{percent!r} is no percentage: 0 to 100.")
        found[name] = int(percent)
    if not found:
        raise ValueError("Nothing was said: write blue=90 green=10.")
    return found


TRAFFIC = Kind("NAME=PERCENT", _read_traffic)


def _read_steps(text: str) -> list[int]:
    words = text.replace("%", "").split(",")
    if not all(word.strip().isdigit() for word in words):
        raise ValueError(f"{text!r} are no percentages: write 10,50,100.")
    return [int(word) for word in words]


STEPS = Kind("PERCENTAGES", _read_steps)

ENDPOINT = Option(
    flags=("--endpoint-name", "--endpoint", "-e"),
    kind=NAME,
    help="The endpoint.",
    required=True,
    completes="endpoint",
    key="endpoint",
)
REQUEST = (
    Option(
        flags=("--request-data", "-d"),
        help="Rows or a dictionary of this notebook (X_test[:5]), JSON, or @FILE.",
        key="request_data",
    ),
    Option(flags=("--request-file", "-r"), kind=FILE, help="A file that holds the JSON."),
    Option(
        flags=("--deployment-name", "--deployment"),
        kind=NAME,
        help="Ask this deployment, whatever the traffic says.",
        key="deployment",
    ),
)


def request_text(call: Call) -> str:
    """The request in JSON. Raise `Invalid` where there is none, or two."""
    data, file = call["request_data"], call["request_file"]
    if bool(data) == bool(file):
        raise Invalid(
            "One request is to be sent.",
            target="--request-data",
            hint="Give --request-data X_test[:5], or --request-file request.json.",
        )
    if file or data.startswith("@"):
        return call.surface.machine.read_request(file or data[1:])
    try:
        msgspec.json.decode(data)
    except msgspec.DecodeError:
        return call.surface.sample(data)
    return data
