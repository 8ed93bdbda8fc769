"""Lines to invocations, and what is said of those that mean nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_aml.grammar import NOUNS, parse_line, parse_words
from jupyter_aml.model.errors import Invalid


@pytest.mark.parametrize(
    ("line", "verb", "values"),
    [
        ("", "", {}),
        ("compute list", "list", {}),
        ("compute show c1", "show", {"name": "c1"}),
        ("compute show --name c1", "show", {"name": "c1"}),
        ("compute show -n c1", "show", {"name": "c1"}),
        ("compute show -nc1", "show", {"name": "c1"}),
        ("compute show --name=c1", "show", {"name": "c1"}),
        ("compute show -- c1", "show", {"name": "c1"}),
        ("compute list-sizes --type amlcompute", "sizes", {"type": "amlcompute"}),
        (
            "compute create c1 --min-instances 1 --max-instances=2 --tier low_priority",
            "create",
            {"name": "c1", "min_instances": 1, "max_instances": 2, "tier": "low_priority"},
        ),
        (
            "compute create c1 --idle-time-before-scale-down 10m --tag a=b --tags c=d",
            "create",
            {"idle_time_before_scale_down": 600, "tags": [("a", "b"), ("c", "d")]},
        ),
        ("job create -f - --set a.b=1 --set c=x", "create", {"set": [("a.b", 1), ("c", "x")]}),
        (
            "job create --set a=1 b=2 x.yml",
            "create",
            {"set": [("a", 1), ("b", 2)], "file": "x.yml"},
        ),
        ("job create 'my job.yml' --stream", "create", {"file": "my job.yml", "stream": True}),
        ("job list", "list", {"max_results": 50, "include_archived": False, "status": None}),
        ("job list --status active -r 5", "list", {"status": "active", "max_results": 5}),
        ("job cancel maple_river", "cancel", {"name": "maple_river", "no_wait": False}),
        ("preferences set default_compute=c1", "set", {"settings": [("default_compute", "c1")]}),
        ("doctor", "", {}),
    ],
)
def test_a_line_is_a_verb_with_values(line: str, verb: str, values: dict[str, Any]) -> None:
    found = parse_line(line)
    assert found.verb is not None
    assert found.verb.name == verb
    assert {name: found.values[name] for name in values} == values
    assert not found.help


def test_options_of_every_verb_are_apart_from_its_values() -> None:
    found = parse_line("job show x -o json --workspace there")
    assert (found.output, found.workspace, found.values) == ("json", "there", {"name": "x"})


@pytest.mark.parametrize(
    ("line", "says", "fixes"),
    [
        ("comput list", "no %aml 'comput'", "Did you mean compute?"),
        ("compute lst", "no verb 'lst'", "Did you mean list?"),
        ("compute create c --max-instaces 2", "no option --max-instaces", "--max-instances?"),
        ("compute create c --max_instances 2", "no option --max_instances", "--max-instances?"),
        ("compute create c --max-instances two", "'two' is not a whole number", "Usage: %aml"),
        ("compute create c --max-instances 0", "0 is not between 1 and 100", "Usage: %aml"),
        ("compute create c --max-instances", "needs a value", "Usage: %aml compute create"),
        ("compute create c --size --tier dedicated", "--size needs a value", "Usage"),
        ("compute create c --tier low", "'low' is none of", "Did you mean low_priority?"),
        ("compute create c --name d", "--name is given twice", "Usage"),
        ("compute show", "NAME is missing", "Usage: %aml compute show NAME"),
        ("compute show a b", "'b' is one word too many", "Usage"),
        ("compute list --yes", "no option --yes", "Usage"),
        ("job show x --help=yes", "takes no value", "Usage"),
        ("job create --notebook x.ipynb -p 1=2", "not the name of a variable", "Usage: %aml job"),
        ("job download", "NAME is missing", "Usage: %aml job download NAME"),
        ("job create -f x --name a/b", "not a name here", "letters, digits"),
        ("job show 'x", "cannot be read", "quote"),
        ("job list --status running", "'running' is none of", "Did you mean Running?"),
        ("-o xml", "'xml' is none of", "table, json, yaml"),
        ("doctor azure two", "'two' is one word too many", "Usage: %aml doctor"),
    ],
)
def test_a_line_that_means_nothing_says_what_where_and_the_nearest(
    line: str, says: str, fixes: str
) -> None:
    with pytest.raises(Invalid) as caught:
        parse_line(line)
    error = caught.value
    assert says in error.message
    assert fixes in error.hint + error.message
    assert error.target


@pytest.mark.parametrize("line", ["--help", "-h", "help", "compute --help", "help compute show"])
def test_help_is_asked_for_in_every_way(line: str) -> None:
    assert parse_line(line).help


def test_help_is_not_an_option_after_the_end_of_options() -> None:
    assert not parse_line("compute show -- -h").help


def test_a_noun_alone_asks_for_a_verb() -> None:
    found = parse_line("compute")
    assert (found.verb, found.help) == (None, False)


def test_a_variable_of_the_notebook_is_one_word() -> None:
    job = SimpleNamespace(name="maple_river")
    namespace = {"job": job, "rate": 0.1, "file": "a b.yml; rm"}
    assert parse_line("job show $job", namespace).values == {"name": "maple_river"}
    found = parse_line("job create -f $file --set inputs.rate=$rate", namespace)
    assert found.values["file"] == "a b.yml; rm"
    assert found.values["set"] == [("inputs.rate", 0.1)]


def test_a_variable_that_does_not_exist_stays_as_it_is() -> None:
    assert parse_line("job show $nothing", {"a": 1}).values == {"name": "$nothing"}
    assert parse_line("job show $HOME").values == {"name": "$HOME"}


def test_usage_names_the_surface() -> None:
    with pytest.raises(Invalid, match="jupyter aml compute show NAME"):
        parse_words(["compute", "show"], "jupyter aml")


def test_no_two_options_of_a_verb_share_a_flag_or_a_name() -> None:
    from jupyter_aml.grammar.language import GLOBAL

    for noun in NOUNS:
        for verb in noun.verbs:
            options = (*verb.options, *GLOBAL)
            flags = [flag for option in options for flag in option.flags]
            assert len(flags) == len(set(flags)), (noun.name, verb.name)
            names = [option.name for option in options]
            assert len(names) == len(set(names)), (noun.name, verb.name)


def test_every_example_of_the_help_can_be_typed() -> None:
    examples = [example for noun in NOUNS for verb in noun.verbs for example in verb.examples]
    assert len(examples) > 5
    for example in examples:
        parse_line(example)
