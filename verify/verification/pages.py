"""The verdict page, its QR code, the field that takes a typed code, and the page of an issuer."""

import re
from dataclasses import fields
from typing import Any

import msgspec
from litestar import Request, Response, route
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from verify.credentials import finding, links, placing
from verify.credentials.codes import grouped, parse_code
from verify.credentials.finding import Stored
from verify.http.access import READS, Action
from verify.http.caching import DOCUMENT_TYPES, FOREVER, SECONDS, artefact, as_file, signed_document
from verify.http.negotiating import preferred
from verify.http.problems import problem
from verify.http.refusals import Refused
from verify.verification import qr
from verify.verification.introducing import as_members, introduce
from verify.verification.judging import judge
from verify.web.templating import render

PUBLIC = {"action": Action.READ_PUBLIC}
# What may be a code with a slip in it; anything else that was typed is not repeated to anybody.
ALMOST_A_CODE = re.compile(r"[0-9A-Za-z -]{1,40}", re.ASCII)
AnyRequest = Request[Any, Any, Any]


@route(["/v/{code:str}", "/V/{code:str}"], http_method=READS, opt=PUBLIC)
async def verdict(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
    """The ten-second answer; programs that ask for a credential get the signed document instead."""
    stored = await _find(code)
    if preferred(request, ["text/html", *DOCUMENT_TYPES], default="text/html") != "text/html":
        return signed_document(request, stored.document)
    judged = await judge(request.app.state.runtime, stored, request.app.state.fetcher, parse_code(code))
    context = {field.name: getattr(judged, field.name) for field in fields(judged)}
    handle = await placing.portfolio_of(stored)
    page = render("verdict.html", portfolio_path=f"/p/{handle}" if handle else None, **context)
    headers = {"Cache-Control": SECONDS, "Vary": "Accept"}
    return Response(page.encode(), media_type="text/html", headers=headers)


@route(["/v/{code:str}/qr.svg", "/V/{code:str}/qr.svg"], http_method=READS, opt=PUBLIC)
async def qr_svg(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
    """The QR code as a drawing."""
    stored = await _find(code)
    drawing = qr.svg(links.printed(request.app.state.runtime, stored.code))
    return artefact(request, drawing, "image/svg+xml", _lasting(code, stored))


@route(["/v/{code:str}/qr.png", "/V/{code:str}/qr.png"], http_method=READS, opt=PUBLIC)
async def qr_png(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
    """The QR code as a picture."""
    stored = await _find(code)
    picture = qr.png_image(links.printed(request.app.state.runtime, stored.code))
    return artefact(request, picture, "image/png", _lasting(code, stored))


@route(["/v", "/V"], http_method=READS, opt=PUBLIC)
async def typed_code(request: AnyRequest, code: FromQuery[str] = "") -> Redirect | Response[bytes]:
    """Where the form on the front page leads: on to the verdict, or back to what was typed and why it is none."""
    try:
        stored = await _find(code)
    except Refused as refused:
        return problem(request, refused, typed=code if ALMOST_A_CODE.fullmatch(code) else "")
    return Redirect(links.verdict(request.app.state.runtime, stored.code), status_code=303)


def _lasting(asked: str, stored: Stored) -> str:
    """The picture of a code never changes; an earlier edition's code shows that of the newest."""
    return FOREVER if parse_code(asked) == stored.code else SECONDS


@route(["/v/{code:str}/signed.json", "/V/{code:str}/signed.json"], http_method=READS, opt=PUBLIC)
async def signed(request: AnyRequest, code: FromPath[str]) -> Response[bytes]:
    """The signed document as a file to keep: its own address leads a browser to the verdict."""
    stored = await _find(code)
    return signed_document(request, stored.document, as_file(f"refolio-{grouped(stored.code)}.json"))


@route("/issuers/{slug:str}", http_method=READS, opt=PUBLIC)
async def issuer(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """Who an issuer is and how it is known; JSON for programs that ask for it."""
    introduction = await introduce(request.app.state.runtime, slug)
    if introduction is None:
        raise Refused("not-found", "There is no such issuer here.")
    if preferred(request, ["text/html", "application/json"], default="text/html") == "application/json":
        body, media_type = msgspec.json.encode(as_members(introduction)), "application/json"
    else:
        body, media_type = render("issuer.html", this=introduction).encode(), "text/html"
    return artefact(request, body, media_type, SECONDS, {"Vary": "Accept"})


async def _find(text: str) -> Stored:
    code = parse_code(text)
    if code is None:
        raise Refused("code-malformed", "The code could not be read.")
    stored = await finding.by_code(code)
    if stored is None:
        raise Refused("not-found", "No credential has this code.")
    return stored


handlers = [verdict, qr_svg, qr_png, signed, typed_code, issuer]
