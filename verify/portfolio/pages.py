"""The public portfolio page."""

from typing import Any

from litestar import Request, Response, route
from litestar.params import FromPath

from verify.credentials import links
from verify.http.access import READS, Action
from verify.http.caching import SECONDS
from verify.http.refusals import Refused
from verify.http.sharing import shared
from verify.people import profiles
from verify.people.profiles import PublicProfile
from verify.portfolio.showing import show
from verify.runtime import Runtime
from verify.web.filters import plural
from verify.web.templating import render


@route("/p/{handle:str}", http_method=READS, opt={"action": Action.READ_PUBLIC})
async def portfolio(request: Request[Any, Any, Any], handle: FromPath[str]) -> Response[bytes]:
    """A person's signed work. An unpublished portfolio answers exactly like one that does not exist."""
    runtime: Runtime = request.app.state.runtime
    profile = await profiles.published(handle)
    if profile is None:
        raise Refused("not-found", "There is no portfolio at this address.")
    body = await shared(request.app.state.portfolios, profile.handle, lambda: _page(runtime, profile))
    return Response(body, media_type="text/html", headers={"Cache-Control": SECONDS})


async def _page(runtime: Runtime, profile: PublicProfile) -> bytes:
    shown = await show(runtime, profile)
    credentials = plural(shown.summary.credentials, "signed credential")
    page = {
        "url": links.portfolio(runtime, profile.handle),
        "title": f"{shown.person.name} – portfolio",
        "description": f"{credentials} of finished micro-internships. Open the page to check each one.",
    }
    context = {"person": shown.person, "summary": shown.summary, "entries": shown.entries, "earlier": shown.earlier}
    return render("portfolio.html", page=page, **context).encode()


handlers = [portfolio]
