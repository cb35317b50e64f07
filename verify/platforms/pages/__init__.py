"""Pages of the console about an organisation's own platform."""

from verify.platforms.pages import webhooks

handlers = [*webhooks.handlers]
