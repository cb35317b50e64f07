"""The pages of credentials that need a sign-in."""

from verify.credentials.pages import own

handlers = [*own.handlers]
