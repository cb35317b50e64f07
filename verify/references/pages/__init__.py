"""The pages of references: for who is asked, for whom they are about, and for readers."""

from verify.references.pages import answer, own, published

handlers = [*answer.handlers, *own.handlers, *published.handlers]
