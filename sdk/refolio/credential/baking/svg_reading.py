"""Reading SVG without its dangers: one pass that finds ``<svg>`` and every credential in it, within bounds.

The parser is expat, of the standard library; what makes XML dangerous is refused in its own callbacks, as defusedxml
does it: any entity, any DTD text inside the file. A DOCTYPE that only *names* a DTD may stand in a badge to be read,
since the published sample badges have one; nothing is ever loaded. Namespaces are resolved here and not by expat, which
copies the name of the namespace for every element and attribute that uses it: 5 MB of SVG can make it take gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple
from xml.parsers import expat

from refolio.credential.baking.active_content import (
    SVG,
    refuse_active_element,
    refuse_active_instruction,
    refuse_active_style,
)
from refolio.credential.baking.payload import refused, require_size
from refolio.credential.reading import MAX_BYTES
from refolio.errors import DocumentRefused

OPEN_BADGES = "https://purl.imsglobal.org/ob/v3p0"

_MAX_DEPTH = 100
_MAX_ELEMENTS = 50_000
_MAX_ATTRIBUTES = 1_000  # of one element
_MAX_PREFIXES = 100  # in scope at once: each new one costs a copy

_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE\s+(?:[\w.-]+:)?svg|(?:[\w.-]+:)?svg)[\s>/-]")
# In well-formed XML. Quoted parts first, because a “>” may stand in an attribute.
_START_TAG = re.compile(rb"""<(?:"[^"]*+"|'[^']*+'|[^>"']++)*+>""")


class Credential(NamedTuple):
    """An ``<openbadges:credential>``, whatever its prefix."""

    start: int  # byte offsets in the image
    end: int
    in_root: bool
    jws: str | None  # the attribute “verify”
    text: str


class Drawing(NamedTuple):
    start: int  # byte offset of the start tag of <svg>
    prefixes: Mapping[str, str]  # those declared there, with their namespaces
    credentials: list[Credential]


def looks_like_svg(raw: bytes) -> bool:
    return _BEGINNING.match(raw) is not None


def read_svg(image: bytes, *, only_drawing: bool) -> Drawing:
    """Return what an SVG image holds. With ``only_drawing`` an image that does more than draw is refused.

    Raises DocumentRefused, as bake_svg() and unbake_svg() say.
    """
    require_size(image)
    if not looks_like_svg(image):
        raise refused("not-an-image", "The file does not begin like an SVG image.", "Send an SVG image.")
    return _Reader(image, only_drawing).read()


def tag_end(image: bytes, start: int) -> int:
    """Return the byte offset after the start tag that begins at ``start``, in well-formed XML."""
    tag = _START_TAG.match(image, start)
    assert tag is not None
    return tag.end()


class _Reader:
    def __init__(self, image: bytes, only_drawing: bool) -> None:
        self._image = image
        self._only_drawing = only_drawing
        self._elements = 0
        self._scopes: list[Mapping[str, str]] = [{"": "", "xml": "http://www.w3.org/XML/1998/namespace"}]
        self._root_start = 0
        self._root_prefixes: Mapping[str, str] = {}
        self._found: list[Credential] = []
        self._credential: Credential | None = None  # the one that is open
        self._in_style = False  # looked at only when nothing but drawing is allowed
        self._text: list[str] = []  # of the open credential or style
        self._text_size = 0
        # The encoding is given, so that no declaration in the file can change how the bytes are read.
        parser = self._parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._entity
        parser.ExternalEntityRefHandler = self._entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        if only_drawing:
            parser.ProcessingInstructionHandler = refuse_active_instruction

    def read(self) -> Drawing:
        try:
            self._parser.Parse(self._image, True)
        except expat.ExpatError as fault:
            where = f"line {fault.lineno}, column {fault.offset + 1}"
            raise refused("bad-xml", f"The SVG image is not XML: {where}.", "Save the drawing again.") from None
        finally:
            del self._parser  # it holds us by its handlers; without it the image is freed at once
        return Drawing(self._root_start, self._root_prefixes, self._found)

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        if (encoding or "utf-8").lower() not in ("utf-8", "us-ascii"):
            raise refused("not-utf-8", "The SVG image is declared as other than UTF-8.", "Save it as UTF-8.")

    def _doctype(self, name: str, system_id: str | None, public_id: str | None, internal: bool) -> None:
        # Some browsers know entities by the name of a DTD. A drawing we answer for must mean the same everywhere.
        if internal or self._only_drawing:
            raise _document_type()

    def _entity(self, *_: object) -> int:
        raise _document_type()

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > _MAX_ELEMENTS:
            raise _too_complex(f"more than {_MAX_ELEMENTS:,} elements")
        if len(attributes) > _MAX_ATTRIBUTES:
            raise _too_complex(f"an element with more than {_MAX_ATTRIBUTES:,} attributes")
        namespace, name = self._enter(tag, attributes)
        start = self._parser.CurrentByteIndex
        if len(self._scopes) == 2:
            if (namespace, name) != (SVG, "svg"):
                raise refused("not-an-image", "The XML document is not an SVG image.", "Send an SVG image.")
            self._root_start, self._root_prefixes = start, self._scopes[-1]
        if self._credential is not None:
            raise refused("not-a-credential", "The credential in the SVG image holds XML elements.", "Ask its issuer.")
        if self._in_style:
            raise refused("active-content", "A <style> of the SVG image holds elements.", "Export it as plain SVG.")
        if (namespace, name) == (OPEN_BADGES, "credential"):
            # expat leaves out entities of an unread DTD without a word.
            if b"&" in self._image[start : tag_end(self._image, start)]:
                raise refused(
                    "not-a-credential", "The tag of the credential holds an XML reference.", "Ask its issuer."
                )
            self._credential = Credential(start, start, len(self._scopes) == 3, attributes.get("verify"), "")
            self._text, self._text_size = [], 0
        elif self._only_drawing:
            refuse_active_element(namespace, name, attributes)
            self._in_style = name == "style"
            self._text, self._text_size = [], 0

    def _enter(self, tag: str, attributes: Mapping[str, str]) -> tuple[str, str]:
        """Open a scope for the element; return its namespace and local name (Namespaces in XML 1.0 §6)."""
        if len(self._scopes) > _MAX_DEPTH:
            raise _too_complex(f"more than {_MAX_DEPTH} levels")
        scope = self._scopes[-1]
        declared = {name[6:]: uri for name, uri in attributes.items() if name == "xmlns" or name.startswith("xmlns:")}
        if declared:
            if len(scope) + len(declared) > _MAX_PREFIXES:
                raise _too_complex(f"more than {_MAX_PREFIXES} namespace prefixes")
            scope = {**scope, **declared}
        self._scopes.append(scope)
        prefix, _, name = tag.rpartition(":")
        if prefix not in scope:
            raise refused("bad-xml", f"The prefix of <{tag[:40]}> is not declared.", "Save the drawing again.")
        return scope[prefix], name

    def _end(self, tag: str) -> None:
        self._scopes.pop()
        if self._credential is not None:
            end = tag_end(self._image, self._credential.start)
            if self._image[end - 2 : end] != b"/>":  # not <credential …/>
                end = self._image.index(b">", self._parser.CurrentByteIndex) + 1
            self._found.append(self._credential._replace(end=end, text="".join(self._text)))
            self._credential = None
        elif self._in_style:
            refuse_active_style("".join(self._text))
            self._in_style = False

    def _characters(self, text: str) -> None:
        if self._credential is None and not self._in_style:
            return
        self._text_size += len(text)
        if self._text_size > MAX_BYTES:
            raise refused(
                "too-large", f"A text in the SVG image is longer than {MAX_BYTES:,} characters.", "Shorten it."
            )
        self._text.append(text)


def _document_type() -> DocumentRefused:
    return refused(
        "document-type",
        "The SVG image has a document type or entities, a known way to attack the programs that read it.",
        "Save the drawing as plain SVG, without <!DOCTYPE … >.",
    )


def _too_complex(what: str) -> DocumentRefused:
    return refused("too-complex", f"The SVG image has {what}.", "Simplify the drawing.")
