"""JSON to text and back, for small messages and many of them.

`json.dumps` makes a C encoder for each call, and `json.loads` of bytes looks for their encoding
first. Both cost more than a small message itself does; in a process that was just forked, each of
those steps also means pages to copy.
"""

from __future__ import annotations

import json
import json.encoder
from collections.abc import Callable
from typing import Any

_decode = json.JSONDecoder().raw_decode


def loads(text: bytes) -> Any:
    """The value that stands in `text`, UTF-8, without white space around it."""
    return _decode(text.decode())[0]


def make_dumps(*, ascii_only: bool) -> Callable[[Any], str]:
    """A compact encoder that refuses what is not JSON: `TypeError`; NaN: `ValueError`."""
    plain = json.JSONEncoder(
        ensure_ascii=ascii_only, allow_nan=False, check_circular=False, separators=(",", ":")
    )
    try:
        kept = _keep(plain)
        if kept(_SAMPLE) == plain.encode(_SAMPLE):
            return kept
    except (AttributeError, TypeError):
        pass  # another interpreter's `json` is built differently
    return plain.encode


_SAMPLE = {"a": [1, 2.5, None, True, "ä\n"], "b": {}}


def _keep(plain: json.JSONEncoder) -> Callable[[Any], str]:
    """What `plain.encode` does, with its C encoder made once."""
    module: Any = json.encoder
    quote = module.encode_basestring_ascii if plain.ensure_ascii else module.encode_basestring
    encode = module.c_make_encoder(
        None, plain.default, quote, None, plain.key_separator, plain.item_separator,
        False, False, False,
    )  # fmt: skip
    return lambda value: "".join(encode(value, 0))
