"""Pages for people: signing in, and their accounts."""

from litestar.handlers import HTTPRouteHandler

from verify.people.pages import account, passkeys, signing_in

handlers: list[HTTPRouteHandler] = [*signing_in.handlers, *account.handlers, *passkeys.handlers]
