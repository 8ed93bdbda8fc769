"""Names of the blobs of a container, in pages of XML."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from jupyter_aml.service.arm.blob import properties, reading
from jupyter_aml.service.arm.blob.containers import Container
from jupyter_aml.service.arm.blob.folders import Found
from jupyter_aml.service.arm.blob.refusal import Refusal
from jupyter_aml.service.arm.context import Context
from jupyter_aml.service.arm.message import Request, Response

MOST = 5000


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. An entry that is text is a prefix: a "folder"."""

    entries: Sequence[Found | str]
    next: str = ""


async def answer(request: Request, context: Context, container: Container) -> Response:
    """The page that the request is for. Raises `Refusal`."""
    query = request.query
    prefix = query.get("prefix", "")
    delimiter = query.get("delimiter", "")
    most = _most(query.get("maxresults", ""))
    found = await container.list(prefix)
    shown = page(found, prefix, delimiter, _marker(query.get("marker", "")), most)
    with_metadata = "metadata" in query.get("include", "").lower().split(",")
    state = container.state if with_metadata else None
    inner = await asyncio.to_thread(lambda: "".join(_entry(one, state) for one in shown.entries))
    next_marker = base64.urlsafe_b64encode(shown.next.encode()).decode() if shown.next else ""
    text = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<EnumerationResults ServiceEndpoint="{escape(context.base)}/" '
        f'ContainerName="{escape(container.name)}">'
        f"<Prefix>{_text(prefix)}</Prefix><MaxResults>{most}</MaxResults>"
        f"<Delimiter>{_text(delimiter)}</Delimiter><Blobs>{inner}</Blobs>"
        f"<NextMarker>{next_marker}</NextMarker></EnumerationResults>"
    )
    return Response(200, text.encode(), [("Content-Type", "application/xml")])


def page(found: Sequence[Found], prefix: str, delimiter: str, after: str, most: int) -> Page:
    """At most `most` entries behind the name `after`; `found` is sorted."""
    shown: list[Found | str] = []
    last = ""
    for name, entry in _grouped(found, prefix, delimiter):
        if after and name <= after:
            continue
        if len(shown) == most:
            return Page(shown, last)
        shown.append(entry)
        last = name
    return Page(shown)


def _grouped(
    found: Sequence[Found], prefix: str, delimiter: str
) -> Iterator[tuple[str, Found | str]]:
    seen = ""
    for one in found:
        head, cut, _ = one.name[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
        if not cut:
            yield one.name, one
            continue
        folder = f"{prefix}{head}{delimiter}"
        if folder != seen:
            seen = folder
            yield folder, folder


def _entry(one: Found | str, state: Path | None) -> str:
    if isinstance(one, str):
        return f"<BlobPrefix>{_name(one)}</BlobPrefix>"
    moment = reading.moment(one.modified)
    return (
        f"<Blob>{_name(one.name)}<Properties><Creation-Time>{moment}</Creation-Time>"
        f"<Last-Modified>{moment}</Last-Modified><Etag>{escape(reading.etag(one))}</Etag>"
        f"<Content-Length>{one.bytes}</Content-Length>"
        f"<Content-Type>{properties.DEFAULT_TYPE}</Content-Type><BlobType>BlockBlob</BlobType>"
        "<AccessTier>Hot</AccessTier><LeaseStatus>unlocked</LeaseStatus>"
        "<LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted>"
        f"</Properties>{_metadata(one, state)}</Blob>"
    )


def _metadata(one: Found, state: Path | None) -> str:
    if state is None:
        return ""
    said = properties.read(state, one.name).metadata
    inner = "".join(f"<{name}>{_text(value)}</{name}>" for name, value in said)
    return f"<Metadata>{inner}</Metadata>" if inner else "<Metadata />"


def _name(name: str) -> str:
    """XML has no signs for some characters that a file's name may have."""
    if name.isprintable():
        return f"<Name>{escape(name)}</Name>"
    return f'<Name Encoded="true">{quote(name)}</Name>'


def _text(text: str) -> str:
    return escape("".join(c for c in text if c.isprintable()))


def _most(text: str) -> int:
    if not text:
        return MOST
    if not text.isdecimal() or not int(text[:9]):
        raise Refusal(400, "OutOfRangeQueryParameterValue", "maxresults is no number above 0.")
    return min(int(text[:9]), MOST)


def _marker(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text).decode()
    except ValueError:  # of base64 and of UTF-8
        raise Refusal(400, "InvalidQueryParameterValue", "The marker is not ours.") from None
