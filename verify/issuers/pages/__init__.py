"""The pages of the console that are about an issuer as a whole."""

from verify.issuers.pages import domain, organisations, settings

handlers = [*organisations.handlers, *domain.handlers, *settings.handlers]
