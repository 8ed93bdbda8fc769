"""``service.log``: rotated, and without anything that belongs in no log."""

from __future__ import annotations

import logging
import re
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE = "service.log"
MAX_BYTES = 5_000_000
KEPT = 2

_NAMES = r"token|secret|password|passwd|api[-_]?key|account[-_]?key|sig"
_SECRETS = (
    (re.compile(r"(?i)\b(bearer|sharedkey|basic)\s+[^\s'\",;]+"), r"\1 …"),
    (re.compile(rf"""(?i)((?:{_NAMES})["']?\s*[:=]\s*["']?)[^\s"'&,}}]+"""), r"\1…"),
    (re.compile(r"(https?://[^\s?'\"]+)\?[^\s'\"]*"), r"\1?…"),
    (re.compile(r"((?:GET|POST|PUT|PATCH|DELETE|HEAD) /[^\s?'\"]*)\?[^\s'\"]*"), r"\1?…"),
)


class Redacting(logging.Formatter):
    """Takes tokens, keys and query strings out of the finished text, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def redact(text: str) -> str:
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


def open_log(home: Path) -> logging.Handler:
    """Send everything of INFO and above to the file. The caller closes the handler."""
    logging.raiseExceptions = False  # on a full disk the service goes on; stderr is nobody's
    handler = RotatingFileHandler(
        home / FILE, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8"
    )
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return handler
