"""One uploaded file with the fields of its form, read strictly from the raw bytes (RFC 7578).

Nothing is written to disk, so there is nothing to clean up and no name of a file becomes a path (SEC-148, SEC-149).
Charsets are ours to decide: a part that declares another one than UTF-8 is refused before it is decoded (SEC-011).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.exceptions.http_exceptions import RequestEntityTooLarge
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from refolio.errors import Fault
from verify.http.forms import Form, require_same_site
from verify.http.refusals import Refused

LONGEST_FIELD = 4096  # bytes
LONGEST_HEADER = 1024
MOST_HEADERS = 4
MOST_PARTS = 8
DRAINED = 64 * 1024 * 1024  # a browser shows no answer while it still sends, so what is too much is read and dropped
ROOM = 16 * 1024  # beside the file itself


@dataclass(frozen=True, slots=True)
class Upload:
    """The file and the other fields. ``name`` is what the sender calls the file: a label, never a path."""

    form: Form
    name: str
    data: bytes


async def read_upload(request: Request[Any, Any, Any], *, file: str, known: Collection[str], longest: int) -> Upload:
    """Read a multipart form with one file in the field ``file`` of at most ``longest`` bytes, and fields in ``known``.

    Raises Refused: from elsewhere (SEC-158), another media type or charset, more than ``longest``, a field twice,
    unknown or without name, no file.
    """
    require_same_site(request)
    boundary = _boundary(request.headers.get("content-type", ""))
    parser = PushMultipartParser(
        boundary,
        max_header_size=LONGEST_HEADER,
        max_header_count=MOST_HEADERS,
        max_segment_count=MOST_PARTS,
        strict=True,
    )
    parts: dict[str, tuple[str | None, bytearray]] = {}
    try:
        with parser:
            total, name = 0, ""
            async for chunk in request.stream():
                total += len(chunk)
                if total > longest + ROOM:
                    continue
                for event in parser.parse(chunk) if chunk and not parser.closed else ():
                    if isinstance(event, MultipartSegment):
                        name = _name(event, {file, *known}, parts)
                        parts[name] = (event.filename if name == file else None, bytearray())
                    elif event is not None:
                        parts[name][1].extend(event)
                        if name != file and len(parts[name][1]) > LONGEST_FIELD:
                            raise _unreadable(name, "It is too long.", "Send less.")
            if total > longest + ROOM or len(parts.get(file, ("", b""))[1]) > longest:
                raise too_large(file, longest)
    except RequestEntityTooLarge:
        raise too_large(file, longest) from None
    except MultipartError:
        raise Refused("bad-request", "The form cannot be read, or it was cut off on its way.") from None
    if file not in parts:
        raise _unreadable(file, "No file was sent.", "Choose a file.")
    try:
        form = {name: bytes(value).decode("utf-8") for name, (_, value) in parts.items() if name != file}
    except UnicodeDecodeError:
        raise Refused("bad-request", "A field of the form is not in UTF-8.") from None
    return Upload(form, parts[file][0] or "", bytes(parts[file][1]))


def too_large(file: str, longest: int) -> Refused:
    """The refusal of a file that is too large."""
    fault = Fault(file, f"The file is larger than {longest // 1024**2} MB.", "Send it in parts.")
    return Refused("body-too-large", fault.reason, [fault])


def _boundary(content_type: str) -> str:
    media_type, options = parse_options_header(content_type)
    if media_type != "multipart/form-data" or not options.get("boundary") or set(options) - {"boundary", "charset"}:
        raise Refused("unsupported-media-type", "This address takes the form of its page, with a file.")
    _require_utf_8(options.get("charset"))
    return str(options["boundary"])


def _name(part: MultipartSegment, known: Collection[str], seen: Collection[str]) -> str:
    """The field that a part is for, after its headers were looked at."""
    for header, value in part.headerlist:
        if header.lower() == "content-type":
            _require_utf_8(parse_options_header(value)[1].get("charset"))
        elif header.lower() != "content-disposition":
            raise _unreadable(header[:60], "A part has a header of another kind.", "Leave it out.")
    if part.name not in known:
        raise _unreadable(part.name[:60], "There is no such field.", "Leave it out.")
    if part.name in seen:
        raise _unreadable(part.name, "It is there twice.", "Send it once.")
    return str(part.name)


def _require_utf_8(charset: str | None) -> None:
    if charset is not None and charset.lower() != "utf-8":
        raise Refused("unsupported-media-type", "A part of the form declares another charset than UTF-8.")


def _unreadable(field: str, reason: str, fix: str) -> Refused:
    return Refused("bad-request", f"{field}: {reason}", [Fault(field, reason, fix)])
