"""What platforms do with an API key that is about themselves, and what they ask about and say of issuers."""

from verify.platforms.api import events, grants, issuers, keys, vouching, webhooks

handlers = [
    *keys.handlers,
    *grants.handlers,
    *issuers.handlers,
    *vouching.handlers,
    *events.handlers,
    *webhooks.handlers,
]
