"""The nearest known word to one that is not known, for hints."""

from __future__ import annotations

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """``Did you mean X? `` with a space after it, or empty."""
    found = nearest_of(word, known)
    return f"Did you mean {found}? " if found else ""


def nearest_of(word: str, known: Iterable[str]) -> str:
    """The one of `known` that `word` is most likely a slip of; "" if none is near."""
    import difflib  # only a mistake pays for it

    # Dashes and underscores are confused most often, and case is never meant.
    plain = {candidate.lower().replace("_", "-"): candidate for candidate in known}
    wanted = word[:200].lower().replace("_", "-")
    found = difflib.get_close_matches(wanted, plain, n=1, cutoff=0.6)
    if not found and len(wanted) > 2:
        found = [candidate for candidate in plain if candidate.startswith(wanted)][:1]
    return plain[found[0]] if found else ""
