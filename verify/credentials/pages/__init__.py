"""The pages of credentials that need a sign-in: an issuer's console, and an intern's own."""

from verify.credentials.pages import browse, imports, issue, own, replace

handlers = [*browse.handlers, *issue.handlers, *imports.handlers, *replace.handlers, *own.handlers]
