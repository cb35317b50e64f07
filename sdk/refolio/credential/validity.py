"""Check 5: are the dates in order? (VC Data Model 2.0 §4.9, Data Integrity 1.0 §2.1)"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from refolio.credential import timestamps
from refolio.credential.proof.jwt import SignedJwt
from refolio.credential.reading import JSON
from refolio.credential.report import Check, Outcome
from refolio.credential.shape import Document
from refolio.errors import DocumentRefused


def check_validity(
    document: Document, proofs: Sequence[Document], jwt: SignedJwt | None, now: datetime, skew: timedelta
) -> Check:
    """Hold the dates of the credential and its signatures against ``now``; ``skew`` forgives only what lies ahead.

    Of a credential of Data Model 1.1 both pairs of dates count: it must be within all that it states.
    """
    try:
        start = _stricter(max, document, "validFrom", "issuanceDate")
        end = _stricter(min, document, "validUntil", "expirationDate")
        latest = now + skew
        if start and end and end < start:
            return Check(5, "dates-contradict", Outcome.FAILED, "It ends before it begins to be valid.")
        if start and start > latest:
            return Check(5, "not-yet-valid", Outcome.FAILED, f"It is not valid before {start.date()}.")
        if end and end < now:
            return Check(5, "expired", Outcome.FAILED, f"It expired on {end.date()}.")
        for proof in proofs:
            wrong = _signed(_moment(proof, "created"), _moment(proof, "expires"), now, latest)
            if wrong is not None:
                return wrong
        if jwt is not None and (wrong := _signed(jwt.not_before, jwt.expires, now, latest)) is not None:
            return wrong
    except DocumentRefused as error:
        return Check(5, error.code, Outcome.FAILED, error.says)
    since = f"It has been valid since {start.date()}" if start else "It is valid"
    until = f"until {end.date()}" if end else "and does not expire"
    return Check(5, "in-date", Outcome.PASSED, f"{since} {until}.")


def _signed(created: datetime | None, expires: datetime | None, now: datetime, latest: datetime) -> Check | None:
    if created and created > latest:
        return Check(5, "signed-in-the-future", Outcome.FAILED, "Its signature is dated in the future.")
    if expires and expires < now:
        return Check(5, "signature-expired", Outcome.FAILED, f"Its signature expired on {expires.date()}.")
    return None


def _moment(members: Mapping[str, JSON], name: str) -> datetime | None:
    value = members.get(name)
    return timestamps.parse(value) if isinstance(value, str) else None


def _stricter(choose: Callable[..., datetime], members: Mapping[str, JSON], name: str, older: str) -> datetime | None:
    """The date of Data Model 2.0 or of 1.1; of both the one that ``choose`` chooses."""
    date, older_date = _moment(members, name), _moment(members, older)
    return choose(date, older_date) if date and older_date else date or older_date
