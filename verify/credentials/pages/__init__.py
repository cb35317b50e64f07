"""The pages of the console that are about credentials."""

from verify.credentials.pages import browse, imports, issue

handlers = [*browse.handlers, *issue.handlers, *imports.handlers]
