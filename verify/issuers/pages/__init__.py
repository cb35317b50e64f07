"""The pages of the console that are about an issuer as a whole."""

from verify.issuers.pages import organisations

handlers = [*organisations.handlers]
