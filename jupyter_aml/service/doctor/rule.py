"""What a rule is: signs that must be seen, a sentence, ways out. Data, with one small matcher.

Texts hold ``{names}``: groups of the patterns and `remedy.facts` of the job. A sentence whose names
are not all known is passed over for the next one, so a rule lists its fullest sentence first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jupyter_aml.model.fix import Stage
from jupyter_aml.service.doctor.raised import Raised
from jupyter_aml.service.doctor.symptoms import Symptoms


@dataclass(frozen=True)
class Sign:
    """One way in which a failure shows. Everything that is set must hold.

    ``exception`` and ``says`` are patterns of an exception's whole name and of its text; ``line``
    one of a whole line among the last of the output; ``reason`` the job's own reason.
    """

    reason: str = ""
    exception: str = ""
    says: str = ""
    line: str = ""
    signals: tuple[int, ...] = ()
    exit_codes: tuple[int, ...] = ()
    message: str = ""
    """A pattern in what the service itself says of the end."""
    within: str = ""
    """A pattern of the innermost frame, as ``file:function``."""
    cause: str = ""
    """The sentence for this sign; without one, the rule's own."""
    also_handled: bool = False
    """Counts, too, when another exception came while this one was handled."""
    told: str = ""
    """A pattern of a line that the output must hold besides, wherever: a warning that explains."""
    final: bool = False
    """``line`` must be what a stream ends with: programs say the like and go on, too."""


@dataclass(frozen=True)
class Way:
    """A way out. ``value`` and ``label`` hold names; one with an unknown name is left out.

    ``edit`` changes options: ``compute=big timeout=1200``; the caller writes them in the form of
    a cell's line or of a job file. ``where`` narrows: "cell", "command", or "" for both.
    """

    label: str
    kind: str
    value: str
    restarts_at: Stage | None = None
    where: str = ""
    price: str = ""
    """The name of the fact that holds the new price per hour."""


@dataclass(frozen=True)
class Rule:
    """One cause. ``causes``: sentences without a full stop, the fullest first."""

    name: str
    summary: str
    signs: tuple[Sign, ...]
    causes: tuple[str, ...]
    ways: tuple[Way, ...] = ()
    stage: Stage = "running"


@dataclass(frozen=True)
class Match:
    """A rule that is sure, what its patterns found, and on which exception or line."""

    rule: Rule
    sign: Sign
    found: Mapping[str, str]
    evidence: str
    raised: Raised | None = None


def first_match(rules: Sequence[Rule], symptoms: Symptoms) -> Match | None:
    """The rule that speaks: what the service knows comes first, a bare signal last."""
    for look in (_by_reason, _by_exception, _by_line, _by_signal):
        for rule in rules:
            for sign in rule.signs:
                match = look(rule, sign, symptoms)
                if match is not None:
                    return match
    return None


def _by_reason(rule: Rule, sign: Sign, symptoms: Symptoms) -> Match | None:
    """What the service itself knows: no text of the job's own is read."""
    if sign.exception or sign.line or not (sign.reason or sign.message):
        return None
    if not _fits(sign, symptoms):
        return None
    said = symptoms.said
    found = _search(sign.message, said)
    return None if found is None else Match(rule, sign, found, said or symptoms.reason)


def _by_signal(rule: Rule, sign: Sign, symptoms: Symptoms) -> Match | None:
    if not sign.signals or sign.exception or sign.line or not _fits(sign, symptoms):
        return None
    if symptoms.reason not in ("NonZeroExit", "") or symptoms.raised is not None:
        return None
    return Match(rule, sign, {}, symptoms.said)


def _by_exception(rule: Rule, sign: Sign, symptoms: Symptoms) -> Match | None:
    if not sign.exception or not _fits(sign, symptoms):
        return None
    for raised, was_handled in _chain(symptoms.raised):
        if was_handled and not sign.also_handled:
            continue
        if _pattern(sign.exception).fullmatch(raised.name) is None:
            continue
        if sign.within and not _is_within(sign.within, raised):
            continue
        found = _search(sign.says, raised.text)
        told = _told(sign.told, symptoms) if found is not None else None
        if found is not None and told is not None:
            return Match(rule, sign, told | found, raised.evidence, raised)
    return None


def _told(pattern: str, symptoms: Symptoms) -> dict[str, str] | None:
    """What the last line that fits holds; None where a line is asked for and none is there."""
    if not pattern:
        return {}
    fitting = (_search(pattern, line) for line in reversed(symptoms.lines))
    return next((found for found in fitting if found is not None), None)


def _by_line(rule: Rule, sign: Sign, symptoms: Symptoms) -> Match | None:
    """Lines count only where no exception explains the end."""
    if not sign.line or symptoms.raised is not None or not _fits(sign, symptoms):
        return None
    if symptoms.reason not in ("NonZeroExit", ""):
        return None
    lines = symptoms.final_lines if sign.final else symptoms.last_lines
    for line in reversed(lines):
        found = _pattern(sign.line).search(line)
        if found:
            return Match(rule, sign, _groups(found), line.strip())
    return None


def _fits(sign: Sign, symptoms: Symptoms) -> bool:
    code = symptoms.job.exit_code
    if sign.reason and sign.reason != symptoms.reason:
        return False
    if sign.signals and symptoms.signal not in sign.signals:
        return False
    return not sign.exit_codes or code in sign.exit_codes


def _chain(raised: Raised | None) -> Iterator[tuple[Raised, bool]]:
    """The exception and those behind it, each with whether it was being handled already."""
    was_handled = False
    while raised is not None:
        yield raised, was_handled
        was_handled = was_handled or raised.caused_by is None
        raised = raised.caused_by or raised.during


def _is_within(pattern: str, raised: Raised) -> bool:
    frames = raised.frames
    return bool(frames) and _search(pattern, f"{frames[-1].file}:{frames[-1].name}") is not None


def _search(pattern: str, text: str) -> dict[str, str] | None:
    if not pattern:
        return {}
    found = _pattern(pattern).search(text)
    return None if found is None else _groups(found)


def _groups(found: re.Match[str]) -> dict[str, str]:
    return {name: value for name, value in found.groupdict().items() if value is not None}


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.DOTALL)
