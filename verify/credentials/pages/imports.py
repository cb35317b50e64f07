"""Import completions from a file: dry run, start, progress, results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from refolio.csv_import.columns import COLUMNS
from refolio.csv_import.reading import MAX_BYTES, MAX_ROWS
from refolio.errors import Fault
from verify.credentials import import_checking, import_correcting, import_reporting, import_sample
from verify.http.access import READS, Action
from verify.http.answering import PRIVATE, private_page, see_other
from verify.http.forms import read_form, require_csrf
from verify.http.refusals import Refused
from verify.http.uploads import DRAINED, read_upload
from verify.issuers.framing import frame
from verify.issuers.members import SignedIn, member_of
from verify.runtime import Runtime

AnyRequest = Request[Any, Any, Any]
SECONDS_TO_REFRESH = "2"
LAST_LINE = 2**31 - 1  # that a database column can hold
SHOWN = {"problems": import_reporting.PROBLEMS, "known": ("known",), "issued": ("issued",)}


@route("/console/{slug:str}/import", http_method=READS, opt={"action": Action.IMPORT})
async def upload_form(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """Where a file is chosen, and the imports of late."""
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.IMPORT, slug)
    return await _upload_page(runtime, member, slug)


@route("/console/{slug:str}/import", http_method="POST", opt={"action": Action.IMPORT}, request_max_body_size=DRAINED)
async def upload(request: AnyRequest, slug: FromPath[str]) -> Response[bytes] | Redirect:
    """Read the file and show what is in it; nothing is issued yet."""
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.IMPORT, slug)
    try:
        sent = await read_upload(request, file="file", known={"csrf"}, longest=MAX_BYTES)
        require_csrf(sent.form, member.session.csrf)
        if not sent.data:
            fault = Fault("file", "The file is empty." if sent.name else "No file was chosen.", "Choose a CSV file.")
            raise Refused("bad-request", fault.reason, [fault])
        job_id = await import_checking.check(runtime, member.actor, slug, sent.name, sent.data)
    except Refused as refused:
        if [fault.field for fault in refused.faults] == ["file"]:
            return await _upload_page(
                runtime, member, slug, refused.faults, 413 if refused.kind == "body-too-large" else 422
            )
        raise
    return see_other(f"/console/{slug}/import/{job_id}")


@route("/console/{slug:str}/import/sample.csv", http_method=READS, opt={"action": Action.IMPORT})
async def sample(request: AnyRequest, slug: FromPath[str]) -> Response[bytes]:
    """A file to begin with."""
    await member_of(request.app.state.runtime, request.cookies, Action.IMPORT, slug)
    return _csv(import_sample.sample_csv(slug), f"{slug}-sample.csv")


@route("/console/{slug:str}/import/{job_id:str}", http_method=READS, opt={"action": Action.IMPORT})
async def report(
    request: AnyRequest,
    slug: FromPath[str],
    job_id: FromPath[str],
    show: FromQuery[str] = "problems",
    after: FromQuery[int] = 0,
    still: FromQuery[str] = "",
) -> Response[bytes]:
    """What the file holds, how far the issuing has come, what became of each row."""
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.IMPORT, slug)
    found = await import_reporting.report(slug, job_id)
    states = SHOWN.get(show, ())
    rows = await import_reporting.rows(slug, job_id, states=states, after=min(max(0, after), LAST_LINE))
    context = {
        "job": found,
        "rows": rows,
        "show": show if show in SHOWN else "all",
        "first": after <= 0,
        "next": rows[-1].line if len(rows) == import_reporting.PAGE else None,
        "still": bool(still),
    }
    page = private_page("import_report.html", {**await frame(runtime, member, slug, "Import"), **context})
    if found.state == "running" and not still:
        page.headers["Refresh"] = SECONDS_TO_REFRESH
    return page


@route("/console/{slug:str}/import/{job_id:str}/results.csv", http_method=READS, opt={"action": Action.IMPORT})
async def results(request: AnyRequest, slug: FromPath[str], job_id: FromPath[str]) -> Response[bytes]:
    """What became of each row, as a file."""
    runtime: Runtime = request.app.state.runtime
    await member_of(runtime, request.cookies, Action.IMPORT, slug)
    return _csv(await import_reporting.results_csv(runtime, slug, job_id), f"{slug}-import-results.csv")


@route("/console/{slug:str}/import/{job_id:str}/to-correct.csv", http_method=READS, opt={"action": Action.IMPORT})
async def to_correct(request: AnyRequest, slug: FromPath[str], job_id: FromPath[str]) -> Response[bytes]:
    """The rows that could not be issued, as a file to correct and upload again."""
    await member_of(request.app.state.runtime, request.cookies, Action.IMPORT, slug)
    return _csv(await import_correcting.broken_csv(slug, job_id), f"{slug}-to-correct.csv")


@route("/console/{slug:str}/import/{job_id:str}/start", http_method="POST", opt={"action": Action.IMPORT})
async def start(request: AnyRequest, slug: FromPath[str], job_id: FromPath[str]) -> Redirect:
    """Issue the good rows."""
    runtime: Runtime = request.app.state.runtime
    member = await member_of(runtime, request.cookies, Action.IMPORT, slug)
    require_csrf(await read_form(request, known=()), member.session.csrf)
    await import_checking.start(runtime, member.actor, slug, job_id)
    request.app.state.imports.ring()
    return see_other(f"/console/{slug}/import/{job_id}")


@route("/console/{slug:str}/import/{job_id:str}/discard", http_method="POST", opt={"action": Action.IMPORT})
async def discard(request: AnyRequest, slug: FromPath[str], job_id: FromPath[str]) -> Redirect:
    """Forget a file that was only checked."""
    member = await member_of(request.app.state.runtime, request.cookies, Action.IMPORT, slug)
    require_csrf(await read_form(request, known=()), member.session.csrf)
    await import_checking.discard(member.actor, slug, job_id)
    return see_other(f"/console/{slug}/import")


async def _upload_page(
    runtime: Runtime, member: SignedIn, slug: str, faults: Sequence[Fault] = (), status: int = 200
) -> Response[bytes]:
    context = {
        "faults": tuple(faults),
        "jobs": await import_reporting.recent(slug),
        "columns": COLUMNS.values(),
        "explained": import_sample.EXPLAINED,
        "most_rows": MAX_ROWS,
        "megabytes": MAX_BYTES // 1024**2,
    }
    return private_page("import.html", {**await frame(runtime, member, slug, "Import"), **context}, status)


def _csv(body: bytes, name: str) -> Response[bytes]:
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, media_type="text/csv", headers=headers)


handlers = [upload_form, upload, sample, report, results, to_correct, start, discard]
