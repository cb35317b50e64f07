"""Which documents does it take to examine one document? Asked again whenever some of them were found."""

from __future__ import annotations

from collections.abc import Mapping

from refolio.credential import key_finding, parts
from refolio.credential.documents import Documents, Found
from refolio.credential.opening import JwtRefused, Opened, open_document
from refolio.credential.proof.content import Content
from refolio.credential.signature_checking import holds, signer_id
from refolio.credential.signatures import signatures_of
from refolio.credential.status_checking import list_issuers, list_urls, set_explanations
from refolio.errors import DocumentRefused, ProofRefused


class Inquiry:
    """The questions about one document. It is read once, and each signature is checked once, however often one asks."""

    def __init__(self, raw: bytes, *, own: bool = False) -> None:
        """Of documents of one's ``own``, which are asked for nowhere outside, status lists are named at once."""
        self._signed: list[_Signed] = []
        try:
            opened = open_document(raw)
        except (DocumentRefused, JwtRefused):
            return
        whole = _Signed(opened, own)
        inside = () if whole.content.is_common else parts.parts_of(opened)
        self._signed = [whole, *(_Signed(part.found, own) for part in inside if isinstance(part.found, Opened))]

    def missing(self, found: Mapping[str, Found]) -> tuple[str, ...]:
        """DIDs and URLs still needed, in the order of need; () when nothing helps any more.

        Status lists are named when the signatures hold, because anybody can write an address into an unsigned file
        (SEC-070). What was once in ``found`` must stay there, and stay the same.
        """
        documents = Documents(found)
        needed = [url for signed in self._signed for url in signed.needs(documents)]
        return tuple(url for url in dict.fromkeys(needed) if url not in found)


class _Signed:
    """One document without the parts in it."""

    def __init__(self, opened: Opened, own: bool) -> None:
        self.opened, self.own = opened, own
        self.content = Content(opened.document, opened.text)
        try:
            signatures = signatures_of(opened, self.content)
        except ProofRefused:
            signatures = []
        self.for_keys = key_finding.documents_needed(signatures, signer_id(opened))
        self.lists = list_urls(opened.document)
        self._holds: bool | None = None

    def needs(self, documents: Documents) -> list[str]:
        """What it needs; some of this may have been found already."""
        needed = list(self.for_keys)
        if self.lists and (self.own or self.holds(documents)):
            needed += self.lists
            issuers = list_issuers(self.opened.document, documents)
            needed += [did for did in issuers if key_finding.has_document(did)]
            needed += set_explanations(self.opened.document, documents)
        return needed

    def holds(self, documents: Documents) -> bool:
        """Whether its signatures are known to hold; the answer is final as soon as all key documents are at hand."""
        if self._holds is None and all(name in documents for name in self.for_keys):
            self._holds = holds(self.opened, self.content, documents)
        return self._holds is True
