"""Which vocabularies the suite profile takes: any list of pinned ones, the examples of the W3C among them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from refolio.credential.contexts import BASE_CONTEXTS, UNDEFINED_TERMS
from refolio.credential.terms import pinned


class PinnedContexts(Collection[tuple[str, ...]]):
    """Every ``@context`` list that begins with a base context and names pinned ones only.

    Wider than the policy of the product: the examples context gives a meaning to any word whatever, so a list that
    ends in it can be lengthened after an RDF signature. Fit for test documents, and for nothing else.
    """

    _bases = tuple((url,) for url in BASE_CONTEXTS)

    def __contains__(self, listed: object) -> bool:
        if not isinstance(listed, tuple) or listed[:1] not in self._bases:
            return False
        return all(url in pinned() and url != UNDEFINED_TERMS for url in listed)

    def __iter__(self) -> Iterator[tuple[str, ...]]:
        return iter(self._bases)

    def __len__(self) -> int:
        return len(self._bases)
