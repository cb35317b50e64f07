"""The contexts of pages about references, as the service builds them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from refolio.credential.endorsing import Statement
from refolio.credential.facts import Facts
from refolio.errors import Fault


def shown_reference(text: str = "I would work with her again.") -> dict[str, object]:
    """A reference on a page, with ``text`` wherever a stranger can write some."""
    return {"statement": Statement(text, text, text, text, date(2026, 11, 23)), "path": "/references/9", "before": True}


def question(
    state: str, facts: Facts, text: str = "Sam Rivera", faults: Sequence[Fault] = ()
) -> tuple[str, dict[str, object]]:
    """The page of a referee."""
    offer = {"state": state, "facts": facts, "until": date(2026, 12, 23), "wants_mail": state != "declined"}
    offer |= dict.fromkeys(("name", "role", "domain", "text"), text)
    form = {"relation": "supervised", "text": text} if faults else {}
    page = {"path": "/referee/x", "longest": 2000, "shortest": 20, "form": form, "faults": faults}
    return "reference_answer.html", {"offer": offer, **page}
