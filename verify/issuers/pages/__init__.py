"""The pages of the console that are about an issuer as a whole."""

from verify.issuers.pages import keys, organisations

handlers = [*organisations.handlers, *keys.handlers]
