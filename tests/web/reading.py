"""Renders a template with the service's own environment and reads the result as a browser would."""

from __future__ import annotations

from html.parser import HTMLParser

from verify.web import templating

JINJA = templating.environment()


class Reader(HTMLParser):
    """What a browser would make of a page: its elements with attributes, and its text."""

    VOID = frozenset({"meta", "link", "img", "input", "wbr"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attributes}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def attributes(self, name: str) -> list[str]:
        return [values[name] for _, values in self.elements if name in values]


def render(template: str, context: dict[str, object]) -> Reader:
    reader = Reader(JINJA.get_template(template).render(context))
    assert reader.open == [], "an element stays open"
    return reader
