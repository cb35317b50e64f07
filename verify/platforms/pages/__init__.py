"""Pages of the console: an organisation's API keys and webhooks, and the platforms that may deliver for it."""

from verify.platforms.pages import api_keys, mandates, webhooks

handlers = [*api_keys.handlers, *mandates.handlers, *webhooks.handlers]
