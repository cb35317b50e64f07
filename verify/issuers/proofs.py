"""Look on a web domain for the proof that it is an issuer's. Nothing is stored here.

Three places, each at a fixed address, none of them by way of a redirect or an alias (SEC-175):

* ``https://<domain>/.well-known/did.json`` lists the key of the issuer (``key``), or names its DID under
  ``alsoKnownAs`` (``did-json``);
* a text record of ``_refolio.<domain>`` holds the line (``dns``);
* ``https://<domain>/.well-known/refolio-issuer.txt`` holds the line (``file``).

The line names the issuer's DID and a challenge that was made for this proof, so that an old one proves nothing anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from refolio.credential.controllers import MAX_METHODS
from refolio.credential.keys import did_web
from refolio.credential.reading import JSON, read
from refolio.credential.verification import Found, Unfetched
from refolio.errors import DocumentRefused
from verify.outside.fetching import Fetcher
from verify.outside.resolving import text_records
from verify.runtime import Runtime

BEGINS = "refolio-issuer="
LONGEST_FILE = 4 * 1024
LONGEST_DOCUMENT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must be found: the issuer's DID, its keys (Multikey), and the challenge."""

    domain: str
    did: str
    keys: Collection[str]
    challenge: str

    @property
    def line(self) -> str:
        """What the text record or the file must say."""
        return f"{BEGINS}{self.did} challenge={self.challenge}"

    @property
    def record_name(self) -> str:
        """The name of the text record."""
        return f"_refolio.{self.domain}"

    @property
    def file_url(self) -> str:
        """The address of the file."""
        return f"https://{self.domain}/.well-known/refolio-issuer.txt"

    @property
    def document_url(self) -> str:
        """The address of the DID document."""
        return f"https://{self.domain}/.well-known/did.json"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one place shows. ``method`` is None where it proves nothing; ``says`` is a sentence about what is there.

    ``speaks_against`` are the methods of a place that is readable and says that the domain is another issuer's.
    """

    place: str
    method: str | None
    says: str
    speaks_against: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What all places show. ``method`` is the best that was found, or None."""

    method: str | None
    seen: tuple[Seen, ...]

    def contradicts(self, method: str | None) -> bool:
        """No place proves it, and the one where it was found last by ``method`` names another issuer (SEC-174).

        Another place does not count: there the other issuer of a group may stand while ours is out of reach.
        """
        return self.method is None and any(method in one.speaks_against for one in self.seen)


async def look(runtime: Runtime, fetcher: Fetcher, wanted: Wanted) -> Evidence:
    """Look in all three places at the same time. Never raises."""
    document, records, file = await asyncio.gather(
        fetcher.fetch(wanted.document_url),
        text_records(runtime.network, wanted.record_name),
        fetcher.fetch(wanted.file_url),
    )
    seen = (_in_document(wanted, document), _in_records(wanted, records), _in_file(wanted, file))
    found = [one.method for one in seen if one.method]
    best = next((method for method in ("key", "dns", "file", "did-json") if method in found), None)
    return Evidence(best, seen)


def _in_records(wanted: Wanted, records: list[str] | Unfetched) -> Seen:
    place = f"Text record of {wanted.record_name}"
    if isinstance(records, Unfetched):
        return Seen(place, None, f"It could not be read: {records.says}")
    return _among(place, "dns", wanted, records)


def _in_file(wanted: Wanted, file: Found) -> Seen:
    if isinstance(file, Unfetched):
        return Seen(wanted.file_url, None, f"It could not be read: {file.says}")
    if len(file) > LONGEST_FILE:
        return Seen(wanted.file_url, None, "It is larger than 4 kB.")
    return _among(wanted.file_url, "file", wanted, file.decode("utf-8", "replace").splitlines())


def _among(place: str, method: str, wanted: Wanted, lines: Iterable[str]) -> Seen:
    ours = [line.strip() for line in lines if line.strip().startswith(BEGINS)]
    if wanted.line in ours:
        return Seen(place, method, "The line is there.")
    if not ours:
        return Seen(place, None, "The line is not there yet.")
    if any(line.startswith(f"{BEGINS}{wanted.did} ") for line in ours):
        return Seen(place, None, "The line there has another challenge.")
    return Seen(place, None, "The line there names another issuer.", frozenset({method}))


def _in_document(wanted: Wanted, body: Found) -> Seen:
    place = wanted.document_url
    if isinstance(body, Unfetched):
        return Seen(place, None, f"It could not be read: {body.says}")
    try:
        document = read(body[: LONGEST_DOCUMENT + 1])
    except DocumentRefused as refused:
        return Seen(place, None, f"It is not a DID document: {refused.says}")
    own = did_web(wanted.domain)
    if document.get("id") != own:
        return Seen(place, None, f"Its id is not {own}.")
    if _listed_keys(document) & set(wanted.keys):
        return Seen(place, "key", "The key of the issuer is there.")
    if own == wanted.did:
        return Seen(place, None, "The key of the issuer is not there.", frozenset({"key"}))
    names = document.get("alsoKnownAs")
    if isinstance(names, list) and wanted.did in names:
        return Seen(place, "did-json", "It names the issuer.")
    return Seen(place, None, "It neither lists the key of the issuer nor names its DID under alsoKnownAs.")


def _listed_keys(document: Mapping[str, JSON]) -> set[str]:
    methods = document.get("verificationMethod")
    listed = methods[:MAX_METHODS] if isinstance(methods, list) else []
    keys = (method.get("publicKeyMultibase") for method in listed if isinstance(method, dict))
    return {key for key in keys if isinstance(key, str)}
