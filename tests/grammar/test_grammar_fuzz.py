"""Nothing that can be typed ends in anything but an invocation or a sentence for the user."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_aml.grammar import NOUNS, complete, parse_cell, parse_line
from jupyter_aml.grammar.cell import CELL_OPTIONS
from jupyter_aml.grammar.language import GLOBAL
from jupyter_aml.model.errors import Invalid
from tests.grammar.fake_client import FakeClient

NAMES = [name for noun in NOUNS for name in (noun.name, *(verb.name for verb in noun.verbs))]
FLAGS = [
    flag
    for options in (
        GLOBAL,
        CELL_OPTIONS,
        *(verb.options for noun in NOUNS for verb in noun.verbs),
    )
    for option in options
    for flag in option.flags
]
VALUES = ["x", "1", "10m", "a=b", "a,b", "-", "--", "json", "'", '"', "$x", "=", "-1", "\\"]
WORD = st.one_of(st.sampled_from([*NAMES, *FLAGS, *VALUES]), st.text(max_size=8))
LINE = st.one_of(st.text(), st.lists(WORD, max_size=8).map(" ".join))


def _refusal(parse: Callable[..., object], line: str) -> Invalid | None:
    """What `parse` refuses `line` with; anything else that it raises fails the test."""
    try:
        parse(line, {"x": object()})
    except Invalid as error:
        return error
    return None


@given(LINE)
@example("compute create x --max-instances " + "9" * 5000)
@example("job create -f x --set a=" + "[" * 100_000)
@example("--")
@example("-")
@example("'\0'")
def test_no_line_ends_in_anything_but_invalid(line: str) -> None:
    refused = _refusal(parse_line, line)
    assert refused is None or (refused.message and refused.target is not None)


@given(LINE)
def test_no_line_of_a_cell_ends_in_anything_but_invalid(line: str) -> None:
    refused = _refusal(parse_cell, line)
    assert refused is None or refused.message


@given(LINE, st.sampled_from(["%aml ", "%%aml ", "jupyter aml ", ""]))
def test_completion_never_raises_and_offers_what_continues_the_word(
    line: str, command: str
) -> None:
    whole = command + line
    text = "" if whole[-1:].isspace() or not whole else whole.split()[-1]
    for word in complete(text, whole, FakeClient(), {"alpha": 1}):
        assert word.startswith(text)
