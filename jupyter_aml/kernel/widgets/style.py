"""The looks of the widgets: the side panel's own style sheets, and a few lines of theirs.

A view gets all of them once; a picture, which is saved with the notebook, only the rules that
it uses.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

FRONT = Path(__file__).parent / "front"

_IMPORT = re.compile(r"@import url\('([\w.-]+)'\)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_NESTED = re.compile(r"@(?:media|container|supports)[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}")
_SPACE = re.compile(r"\s+")
# Not those between parentheses: `:where(h2, h3)`.
_COMMA = re.compile(r",(?![^()]*\))")
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
_NAMES = re.compile(r'class="([^"]*)"')


def _folder() -> Path:
    """Where the sheets lie: in the package, or in the checkout that it was installed from."""
    packed = FRONT / "style"
    return packed if packed.is_dir() else Path(__file__).parents[3] / "style"


@lru_cache(maxsize=1)
def whole() -> str:
    """Every rule, for a view: the sheets that the panel imports, in its order, and ours."""
    folder = _folder()
    names = _IMPORT.findall((folder / "base.css").read_text(encoding="utf-8"))
    sheets = [*(folder / name for name in names), FRONT / "widget.css"]
    texts = [sheet.read_text(encoding="utf-8") for sheet in sheets]
    return _COMMENT.sub("", "\n".join(texts))


@lru_cache(maxsize=1)
def _rules() -> list[tuple[list[str], str]]:
    """Selectors and declarations of what holds at any width and in any mode."""
    plain = _NESTED.sub("", whole())
    found = _RULE.findall(plain)
    return [([part.strip() for part in _COMMA.split(names)], body) for names, body in found]


def used_by(html: str) -> str:
    """The rules that `html` uses, one line each."""
    present = {name for group in _NAMES.findall(html) for name in group.split()}
    lines: list[str] = []
    for selectors, body in _rules():
        kept = [one for one in selectors if set(_CLASS.findall(one)) <= present]
        if kept:
            declared = "".join(f"{part.strip()};" for part in body.split(";") if part.strip())
            lines.append(f"{','.join(kept)}{{{_SPACE.sub(' ', declared)}}}")
    return "\n".join(lines)


def picture(html: str, *names: str) -> str:
    """`html` as it stands by itself, scripts and styles of nobody else needed."""
    body = f'<div class="aml aml-widget {" ".join(names)}">{html}</div>'
    return f"<style>{used_by(body)}</style>{body}"
