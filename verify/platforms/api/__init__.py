"""What platforms do with an API key that is about themselves, and what they say of issuers."""

from verify.platforms.api import events, keys, vouching, webhooks

handlers = [*keys.handlers, *events.handlers, *webhooks.handlers, *vouching.handlers]
