"""What platforms do with an API key that is about themselves: their events, and where these are sent."""

from verify.platforms.api import events, webhooks

handlers = [*events.handlers, *webhooks.handlers]
