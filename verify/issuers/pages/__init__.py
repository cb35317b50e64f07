"""The pages of the console that are about an issuer as a whole."""

from verify.issuers.pages import joining, members, organisations, proposals, trail

handlers = [
    *organisations.handlers,
    *members.handlers,
    *joining.handlers,
    *proposals.handlers,
    *trail.handlers,
]
