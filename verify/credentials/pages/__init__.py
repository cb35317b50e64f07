"""The pages of credentials that need a sign-in: an issuer's console, and an intern's own."""

from verify.credentials.pages import browse, grants, imports, issue, own, replace, withdraw_many

handlers = [
    *browse.handlers,
    *issue.handlers,
    *imports.handlers,
    *replace.handlers,
    *withdraw_many.handlers,
    *own.handlers,
    *grants.handlers,
]
