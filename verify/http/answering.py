"""Answers that belong to one person or platform: never stored by others, never indexed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.response import Redirect

from refolio.errors import Fault
from verify.http.caching import artefact
from verify.http.refusals import Refused
from verify.web.templating import render

PRIVATE = {"Cache-Control": "no-store"}


def private_page(template: str, context: Mapping[str, object], status: int = 200) -> Response[bytes]:
    """A page for the person who asked and for nobody else."""
    page = render(template, **context)
    return Response(page.encode(), status_code=status, media_type="text/html", headers=dict(PRIVATE))


def see_other(path: str) -> Redirect:
    """After a form: on to ``path``, so that loading the page again sends nothing twice."""
    return Redirect(path, status_code=303, headers=dict(PRIVATE))


def faults_of(refused: Refused, field: str) -> tuple[Fault, ...]:
    """What to show beside the fields of a form; a refusal that names none is shown at ``field``."""
    return refused.faults or (Fault(field, refused.detail, ""),)


def for_caller(request: Request[Any, Any, Any], members: Mapping[str, object]) -> Response[bytes]:
    """What a program asked for with its API key: JSON with a strong ETag, 304 when it has that already."""
    return artefact(request, msgspec.json.encode(members), "application/json", "private, no-cache")
