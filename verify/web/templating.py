"""The one Jinja environment behind every page."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from verify.web import filters

_SERVICE = Path(__file__).parent.parent
# Template names are unique over all folders (a test says so), hence pages name them without a folder.
FOLDERS = tuple(
    _SERVICE / feature / "templates"
    for feature in (
        "web",
        "people",
        "issuers",
        "platforms",
        "credentials",
        "references",
        "portfolio",
        "verification",
        "openapi",
        "outbox",
    )
)

_FILTERS = (
    filters.capital,
    filters.day,
    filters.host,
    filters.hours,
    filters.in_words,
    filters.moment,
    filters.one_line,
    filters.plural,
    filters.safe_link,
    filters.span,
    filters.span_start,
    filters.timeline,
    filters.top_skills,
)


def environment() -> Environment:
    """Build the environment: every value is escaped, a missing value is an error, templates are read once.

    Values come from signed documents of strangers (SEC-124), so auto-escaping has no exception by file name.
    """
    jinja = Environment(
        loader=FileSystemLoader(FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    jinja.filters.update({function.__name__: function for function in _FILTERS})
    return jinja


@cache
def _shared() -> Environment:
    return environment()


def render(template: str, **context: object) -> str:
    """Render a template of the service by its name. Raises UndefinedError when ``context`` lacks something."""
    return _shared().get_template(template).render(context)
