"""What platforms do with an API key that is about themselves, and what they ask about and say of issuers."""

from verify.platforms.api import events, issuers, keys, vouching, webhooks

handlers = [*keys.handlers, *issuers.handlers, *vouching.handlers, *events.handlers, *webhooks.handlers]
