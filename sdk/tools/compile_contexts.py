"""Compile the pinned JSON-LD contexts into the term tables that refolio.credential.contexts reads.

    python sdk/tools/compile_contexts.py ../shared/standards

The folder holds contexts/index.json: a map from context URL to its byte revisions, newest first, each with a file name
and its SHA-256. The output keeps facts only: which URL stands for which bytes, and what each term in them means, by
the rules of JSON-LD 1.1 §4.2 (Create Term Definition). The same input gives the same bytes.

What a context leaves open until it is used stays open here: a prefix or term that only another context defines
(Comprehensive Learner Record writes "xsd:boolean" and never says what xsd is). A feature that no pinned context uses
is not represented; meeting one is an error, so that a new context cannot be misread.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

OUTPUT = Path(__file__).resolve().parent.parent / "refolio/credential/data/terms.json"

# Not compiled, and why.
EXCLUDED = {
    "https://www.w3.org/2018/credentials/examples/v1": "it includes an ODRL context that is not pinned",
}

CONTEXT_KEYWORDS = {"@version", "@protected", "@vocab"}
TERM_KEYWORDS = {"@id", "@type", "@container", "@context", "@reverse", "@prefix"}
CONTAINERS = {"@set", "@list", "@graph"}
ALIASES = {"@id", "@type"}
COERCIONS = {"@id", "@vocab", "@json"}
GENERIC_DELIMITERS = tuple(":/?#[]@")  # RFC 3986 §2.2: a short definition ending in one of them can serve as prefix


class NotRepresentable(Exception):
    """The context uses a feature that the term tables cannot hold."""


def compile_context(context: Any) -> dict[str, Any] | None:
    """Return the table of one local context: {"protected", "vocab"?, "terms"}; None for the context null."""
    if context is None:
        return None
    if not isinstance(context, dict):
        raise NotRepresentable("a context that is a list or names another context")
    if odd := {key for key in context if key.startswith("@")} - CONTEXT_KEYWORDS:
        raise NotRepresentable(f"context keyword {min(odd)}")
    table: dict[str, Any] = {"protected": context.get("@protected", False)}
    if vocab := context.get("@vocab"):
        table["vocab"] = vocab
    names = sorted(key for key in context if not key.startswith("@"))
    table["terms"] = {name: _term(name, context) for name in names}
    return table


def _term(name: str, context: dict[str, Any]) -> Any:
    """Return the IRI alone where nothing else is to say, else an object."""
    value = context[name]
    if ":" in name or "/" in name or value is None:
        raise NotRepresentable(f"the term {name!r}")
    if isinstance(value, str):
        value = {"@id": value}
        simple = True
    else:
        simple = False
    if odd := value.keys() - TERM_KEYWORDS:
        raise NotRepresentable(f"{min(odd)} in the term {name!r}")

    if "@reverse" in value:
        term: dict[str, Any] = {"id": _expand(value["@reverse"], context), "reverse": True}
    elif "@id" in value:
        term = {"id": _expand(value["@id"], context, name)}
    elif "@vocab" in context:
        term = {"id": context["@vocab"] + name}
    else:
        raise NotRepresentable(f"no IRI for the term {name!r}")
    if term["id"].startswith("@") and term["id"] not in ALIASES:
        raise NotRepresentable(f"the alias {name!r} of {term['id']}")
    if value.get("@prefix", simple and term["id"].endswith(GENERIC_DELIMITERS)):
        term["prefix"] = True

    if coercion := value.get("@type"):
        if coercion.startswith("@") and coercion not in COERCIONS:
            raise NotRepresentable(f"@type {coercion} in the term {name!r}")
        term["type"] = _expand(coercion, context)
    if container := value.get("@container"):
        if container not in CONTAINERS:
            raise NotRepresentable(f"@container {container} in the term {name!r}")
        term["container"] = container
    if "@context" in value:
        term["context"] = compile_context(value["@context"])
    return term["id"] if len(term) == 1 else term


def _expand(text: str, context: dict[str, Any], *defining: str) -> str:
    """Expand a term or compact IRI as far as this local context alone can; ``defining`` guards against circles."""
    if text.startswith("@"):
        return text
    if text in context and text not in defining:
        return _expand(_identifier(context[text]), context, text, *defining)
    prefix, colon, suffix = text.partition(":")
    if colon and not suffix.startswith("//") and prefix in context and prefix not in defining:
        identifier = _expand(_identifier(context[prefix]), context, prefix, *defining)
        simple = isinstance(context[prefix], str) and identifier.endswith(GENERIC_DELIMITERS)
        if simple or (isinstance(context[prefix], dict) and context[prefix].get("@prefix")):
            return identifier + suffix
    if not colon and text in defining:
        raise NotRepresentable(f"the term {text!r} is defined by itself")
    return text


def _identifier(value: Any) -> str:
    identifier = value if isinstance(value, str) else value["@id"]
    assert isinstance(identifier, str)
    return identifier


def compile_all(standards: Path) -> str:
    """Return the text of terms.json for the contexts listed in ``standards``/contexts/index.json."""
    index = json.loads((standards / "contexts/index.json").read_text("utf-8"))
    contexts: dict[str, list[str]] = {}
    tables: dict[str, Any] = {}
    for url in sorted(index.keys() - EXCLUDED.keys()):
        for revision in index[url]:
            raw = (standards / revision["file"]).read_bytes()
            digest = hashlib.sha256(raw).hexdigest()
            if digest != revision["sha256"]:
                raise SystemExit(f"{revision['file']} has SHA-256 {digest}, the index says {revision['sha256']}.")
            contexts.setdefault(url, []).append(digest)
            try:
                tables[digest] = compile_context(json.loads(raw)["@context"])
            except NotRepresentable as fault:
                raise SystemExit(f"{url} cannot be compiled: {fault}.") from None
    return _render({"contexts": contexts, "tables": dict(sorted(tables.items()))}) + "\n"


def _render(value: Any, indent: str = "") -> str:
    """JSON with one term per line: an object of plain values stays on its line unless it is a list of terms."""
    if not isinstance(value, dict) or not any(isinstance(member, dict | list) for member in value.values()):
        return json.dumps(value, ensure_ascii=False)
    inner = indent + " "
    members = []
    for name, member in value.items():
        if name == "terms":  # always one per line
            lines = (f"{inner} {json.dumps(key)}: {_render(term, inner + ' ')}" for key, term in member.items())
            text = "{\n" + ",\n".join(lines) + "\n" + inner + "}"
        else:
            text = _render(member, inner)
        members.append(f"{inner}{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(members) + "\n" + indent + "}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("standards", type=Path, help="folder with contexts/index.json")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="default: the table of the package")
    arguments = parser.parse_args()
    text = compile_all(arguments.standards)
    arguments.output.parent.mkdir(exist_ok=True)
    arguments.output.write_text(text, "utf-8")
    print(f"{arguments.output}: {len(text):,} characters", file=sys.stderr)
    for url, reason in EXCLUDED.items():
        print(f"left out {url}: {reason}", file=sys.stderr)


if __name__ == "__main__":
    main()
