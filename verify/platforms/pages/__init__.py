"""Pages of the console about an organisation's own platform."""

from litestar.handlers import HTTPRouteHandler

handlers: list[HTTPRouteHandler] = []
