"""Which form of an answer the caller would rather have (RFC 9110 §12.5.1)."""

from typing import Any

from litestar import Request


def preferred(request: Request[Any, Any, Any], offered: list[str], default: str) -> str:
    """The media type among ``offered`` that the Accept header ranks highest, or ``default``."""
    try:
        return request.accept.best_match(offered, default) or default
    except (ValueError, OverflowError):  # the framework reads "q=1e999" as a number too large to rank
        return default
