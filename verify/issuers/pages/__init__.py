"""The pages of the console that are about an issuer as a whole."""

from verify.issuers.pages import (
    domain,
    held_keys,
    joining,
    keys,
    members,
    organisations,
    proposals,
    settings,
    stolen_keys,
    trail,
)

handlers = [
    *organisations.handlers,
    *members.handlers,
    *joining.handlers,
    *proposals.handlers,
    *domain.handlers,
    *keys.handlers,
    *held_keys.handlers,
    *stolen_keys.handlers,
    *trail.handlers,
    *settings.handlers,
]
