"""Pages for members: the API keys of their organisation, and the platforms that may deliver for it."""

from verify.platforms.pages import api_keys, mandates

handlers = [*api_keys.handlers, *mandates.handlers]
