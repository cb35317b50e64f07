"""The composition root: settings and runtime in, a Litestar application out. Nothing else lives here."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, Response, route
from litestar.config.compression import CompressionConfig
from litestar.datastructures import CacheControlHeader
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.static_files import create_static_files_router

import verify.credentials.api
import verify.credentials.pages
import verify.issuers.api
import verify.issuers.pages
import verify.openapi.api
import verify.openapi.pages
import verify.outbox.pages
import verify.people.pages
import verify.platforms.api
import verify.platforms.pages
import verify.portfolio.pages
import verify.records.api
import verify.references.api
import verify.references.pages
import verify.suite.api
import verify.verification.api
import verify.verification.pages
from verify.audit.beginning import begin, predates_the_trail
from verify.background import on_schedule
from verify.credentials import listing
from verify.credentials.correcting import resume_corrections
from verify.credentials.import_running import ImportWorker
from verify.credentials.issuing import resume
from verify.credentials.restoring import make_good
from verify.database import Engine, bind, engine_from_url, migrate_forwards
from verify.http.access import READS, Action
from verify.http.headers import security_headers
from verify.http.limits import limit_headers, require_within_limits
from verify.http.problems import exception_handlers
from verify.http.raw import MAX_BYTES, require_plain_path, require_said_once
from verify.http.refusals import KINDS, Refused
from verify.http.request_ids import add_request_id, request_id
from verify.issuers.colleagues import admins_beside, holds_role
from verify.issuers.comparing import fill_in
from verify.issuers.equipping import equip
from verify.issuers.rechecking import RECHECKS_EVERY, recheck
from verify.issuers.signing import require_readable_keys
from verify.outside.fetching import Fetcher
from verify.outside.key_custody import KeyUnreadable
from verify.outside.mail_delivery import MailWorker
from verify.outside.mail_retrying import mail_state
from verify.people.staffing import Staffing
from verify.platforms.admitting import open_console
from verify.platforms.delivering import WebhookWorker
from verify.platforms.granting import REMINDS_EVERY, remind
from verify.platforms.keys_left import tell_of_keys_left
from verify.platforms.limiting import Limiter
from verify.platforms.plugins.hosting import PluginHost
from verify.records.announcing import Announcer
from verify.references import reminding, signing
from verify.runtime import KeyServiceDown, Runtime
from verify.settings import Settings
from verify.suite.issuers import Suite
from verify.trail import signing_keys
from verify.web.templating import render

LINKS = (("Issue for your organisation", "/console"), ("See your own credentials", "/account/credentials"))
log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "web" / "static"


@route("/", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def home() -> Response[bytes]:
    """The front page: what this is, and a field for a code."""
    return Response(render("home.html", links=LINKS).encode(), media_type="text/html")


@route("/healthz", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def healthz(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Answers as soon as the service can answer what needs the database: whether mails go out, ailing plugins."""
    plugins = request.app.state.plugins.health
    return {
        "status": "ok",
        "mail": await mail_state(request.app.state.runtime),
        **({"plugins": plugins} if plugins else {}),
    }


@route("/problems/{kind:str}", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def problem_kind(kind: FromPath[str]) -> Response[bytes]:
    """What a problem type means, for the developer who follows its link."""
    if kind not in KINDS:
        raise Refused("not-found", "There is no problem of this kind.")
    page = render("problem_kind.html", code=kind, kind=KINDS[kind])
    return Response(page.encode(), media_type="text/html")


async def admit(request: Request[Any, Any, Any]) -> None:
    """What comes before every handler."""
    request_id(request.scope, request.app.state.runtime)
    await require_within_limits(request, request.app.state.limiter.charge)
    await require_said_once(request)
    await require_plain_path(request)


HANDLERS: list[HTTPRouteHandler] = [
    home,
    healthz,
    problem_kind,
    *verify.issuers.api.handlers,
    *verify.issuers.pages.handlers,
    *verify.credentials.api.handlers,
    *verify.credentials.pages.handlers,
    *verify.records.api.handlers,
    *verify.references.api.handlers,
    *verify.references.pages.handlers,
    *verify.people.pages.handlers,
    *verify.platforms.api.handlers,
    *verify.platforms.pages.handlers,
    *verify.portfolio.pages.handlers,
    *verify.verification.pages.handlers,
    *verify.verification.api.handlers,
    *verify.openapi.api.handlers,
    *verify.openapi.pages.handlers,
]


@asynccontextmanager
async def opened(runtime: Runtime, engine: Engine) -> AsyncIterator[None]:
    """The database bound, open and migrated for the time of the block.

    Raises KeyUnreadable when the key-encryption key is not the one that the stored keys need (SEC-209).
    """
    bind(engine)
    await engine.open()
    try:
        is_older_than_trail = await predates_the_trail()
        await migrate_forwards(engine)
        await require_readable_keys(runtime)
        await _open_trail(runtime)
        if is_older_than_trail:
            await begin(runtime)
        await equip(runtime)
        await open_console(runtime)
        await fill_in(runtime)
        await make_good(runtime)
        await listing.complete()
        yield
    finally:
        await engine.close()


async def _open_trail(runtime: Runtime) -> None:
    """Readers are served also while no key opens; acts then say so."""
    try:
        await signing_keys.prepare(runtime)
    except (KeyServiceDown, KeyUnreadable) as error:
        log.error("The key of the audit trail could not be opened: %s", error)


def create_app(runtime: Runtime) -> Litestar:
    """Build the application. Raises RuntimeError when a handler does not say which action it performs."""
    app = build(runtime.settings)
    furnish(app, runtime)
    return app


def build(settings: Settings) -> Litestar:
    """The routes and what stands before and behind them; nothing of it works before ``furnish``."""
    handlers = [*HANDLERS, *(verify.suite.api.handlers if settings.suite else ())]
    handlers += verify.outbox.pages.handlers if settings.outbox else []
    if undeclared := [
        handler.handler_name for handler in handlers if not isinstance(handler.opt.get("action"), Action)
    ]:
        raise RuntimeError(f"These handlers declare no action: {', '.join(undeclared)}. Add opt={{'action': …}}.")
    return Litestar(
        route_handlers=[
            *handlers,
            create_static_files_router(
                "/static", [STATIC], cache_control=CacheControlHeader(public=True, max_age=3600)
            ),
        ],
        lifespan=[_lifespan],
        before_request=admit,
        before_send=[add_request_id, limit_headers, security_headers(https=is_https(settings))],
        exception_handlers=exception_handlers(),
        compression_config=CompressionConfig(backend="gzip", minimum_size=500),
        request_max_body_size=MAX_BYTES,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


def furnish(app: Litestar, runtime: Runtime) -> None:
    """Give the application what it works with, before it is started."""
    settings, state = runtime.settings, app.state
    state.runtime = runtime
    state.engine = engine_from_url(settings.database_url)
    state.fetcher = Fetcher(runtime.network, runtime.now)
    state.staffing = Staffing(holds_role, admins_beside)
    state.limiter = Limiter(runtime)
    state.description = verify.openapi.api.describe(HANDLERS, settings.public_url)
    state.portfolios = {}
    state.told_of_leaving = tell_of_keys_left
    state.plugins = PluginHost(settings)
    if settings.suite:
        state.suite = Suite(runtime)


def is_https(settings: Settings) -> bool:
    """Is the service reached over https?"""
    return settings.public_url.startswith("https://")


@asynccontextmanager
async def _lifespan(app: Litestar) -> AsyncIterator[None]:
    state, runtime = app.state, app.state.runtime
    async with opened(runtime, state.engine):
        await resume(runtime)
        await resume_corrections(runtime)
        state.mail, state.imports = MailWorker(runtime), ImportWorker(runtime)
        state.announcer, state.webhooks = Announcer(runtime, state.plugins), WebhookWorker(runtime)
        async with (
            state.plugins.running(),
            state.announcer.working(),
            state.mail.working(),
            state.imports.working(),
            state.webhooks.working(),
            on_schedule(partial(recheck, runtime, state.fetcher), RECHECKS_EVERY, "The domains that are due"),
            on_schedule(partial(signing_keys.prepare, runtime), signing_keys.LOOKS_EVERY, "The key of the audit trail"),
            on_schedule(partial(remind, runtime), REMINDS_EVERY, "The people who are asked"),
            on_schedule(partial(reminding.remind, runtime), reminding.LOOKS_EVERY, "The referees who are asked"),
            on_schedule(partial(reminding.expire, runtime), reminding.LOOKS_EVERY, "The questions for references"),
            on_schedule(partial(signing.resume, runtime), signing.RESUMES_EVERY, "The references to be signed"),
        ):
            yield
