"""The parsers that read a stranger's bytes, with good input for each and what counts as having got somewhere."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from refolio.credential import base64url, method_keys, multibase, status_list
from refolio.credential.baking import bake_svg, unbake
from refolio.credential.canonical import rdfc
from refolio.credential.controllers import find_method
from refolio.credential.documents import Documents
from refolio.credential.keys import decode_multikey, did_web_url, read_did_key
from refolio.credential.policy import DEFAULT
from refolio.credential.proof import jws, jwt
from refolio.credential.reading import JSON, read
from refolio.credential.report import Outcome
from refolio.credential.shape import require_credential, status_entries
from refolio.credential.status_checking import check_status
from refolio.credential.verification import examine, missing
from refolio.errors import KeyRefused, ProofRefused, RefolioError
from tests.credential.acme import ACME, NOW
from tests.credential.completions import LIST_URL
from tests.drills import fuzz_images, fuzz_inputs, fuzz_lists, fuzz_seeds
from tests.drills.specimens import specimens, world

Past = Callable[[], None]  # to be called when the first stage of parsing is passed


class Parser(NamedTuple):
    """``parse`` raises RefolioError or returns; ``deep`` are codes of refusals that come after the first stage."""

    name: str
    first_stage: str
    seeds: Callable[[], Sequence[bytes]]
    broken: fuzz_inputs.Mutate
    parse: Callable[[bytes, Past], object]
    strange: st.SearchStrategy[bytes]
    deep: frozenset[str] = frozenset()


# --- what hypothesis draws -----------------------------------------------------------------------------------------

_WORDS = (
    "@context",
    "id",
    "type",
    "@value",
    "@type",
    "issuer",
    "credentialSubject",
    "achievement",
    "proof",
    "name",
    "tag",
)
_WORDS += (
    "verificationMethod",
    "assertionMethod",
    "controller",
    "publicKeyMultibase",
    "publicKeyJwk",
    "kty",
    "alg",
    "vc",
)
# Not st.text(): that builds a table of all of Unicode first, which would be counted as the parser's memory.
_CHARACTERS = (
    "az09AZ-_.:/#@ \\\"'<>&{}[]=\n\t\0\x7f\x85é\u0301\u200b\u202e\u2028\ud7ff\ue000\ufeff\ufffe😀\U000e0041\U0010ffff"
)
_texts = st.lists(st.sampled_from(_CHARACTERS), max_size=80).map("".join)
_scalars = st.none() | st.booleans() | st.integers() | st.floats() | _texts | st.sampled_from(_WORDS)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_WORDS) | _texts, inner, max_size=4),
    max_leaves=12,
)
_json = st.binary(max_size=60) | _values.map(lambda value: json.dumps(value).encode())
_text = _texts.map(lambda text: text.encode("utf-8", "surrogatepass"))
_segment = st.binary(max_size=40).map(lambda data: base64url.encode(data).encode())


def _under(*names: str) -> st.SearchStrategy[bytes]:
    """A document whose members under these names are drawn."""
    return st.fixed_dictionaries(dict.fromkeys(names, _values)).map(lambda value: json.dumps(value).encode())


# --- JSON and the walk ---------------------------------------------------------------------------------------------


def _read_and_walk(raw: bytes, past: Past) -> None:
    document = read(raw)
    past()
    try:
        require_credential(document, DEFAULT.contexts)
    finally:
        rdfc(document)


# --- tokens and multibase ------------------------------------------------------------------------------------------


def _token(raw: bytes, past: Past) -> None:
    jws.parse(raw)
    past()
    jwt.parse(raw)


def _multibase(raw: bytes, past: Past) -> None:
    """Every reader of such a text; accepted when one of them takes it."""
    text = raw.decode("utf-8", "surrogatepass")
    for length in (32, 34, 35, 64):
        with suppress(KeyRefused):
            multibase.decode(text.removeprefix("did:key:"), length=length)
            past()
    with suppress(ValueError):  # is what base64url.decode() says that it raises
        base64url.decode(raw)
    accepted = 0
    for reader in (did_web_url, method_keys.decode_multikey, decode_multikey, read_did_key, method_keys.read_did_key):
        with suppress(KeyRefused):
            accepted += bool(reader(text))
    if not accepted:  # once more, by the one that it was meant for
        method, is_did = text[:8], text.startswith("did:")
        (did_web_url if method == "did:web:" else method_keys.read_did_key if is_did else decode_multikey)(text)


# --- images --------------------------------------------------------------------------------------------------------


def _unbake(raw: bytes, past: Past) -> None:
    unbake(raw)
    past()


def _svg(raw: bytes, past: Past) -> None:
    """Also as a drawing that a credential is to be baked into, whose markup is looked at more closely."""
    with suppress(RefolioError):
        bake_svg(raw, b'{"name":"x"}')
    unbake(raw)
    past()


_PNG_DEEP = {
    "no-credential",
    "two-credentials",
    "wrong-chunk",
    "compressed-credential",
    "too-large",
    "url-instead-of-credential",
}
_SVG_DEEP = {"no-credential", "two-credentials", "misplaced-credential", "url-instead-of-credential"}


# --- key documents and status lists --------------------------------------------------------------------------------


def _key_document(raw: bytes, past: Past) -> None:
    document = read(raw)
    past()
    for method in _methods(document):
        if isinstance(method, dict):
            try:
                method_keys.key_of(method)
            except KeyRefused:
                continue
    method_id = next(
        (m["id"] for m in _methods(document) if isinstance(m, dict) and isinstance(m.get("id"), str)), ACME.method
    )
    find_method(document, method_id if isinstance(method_id, str) else ACME.method)


def _methods(document: dict[str, JSON]) -> list[JSON]:
    methods = document.get("verificationMethod")
    return methods if isinstance(methods, list) else []


class _Believing:
    """Takes every signature of a list for good."""

    key = "believed"

    def __call__(self, *_: object) -> None:
        return


def _status(raw: bytes, past: Past) -> None:
    """A status entry and its list, whose signature is taken for good: what is behind it must hold on its own."""
    credential, _, listed = raw.partition(fuzz_lists.PART)
    document = read(credential)
    lists = {str(entry.get("statusListCredential")): listed for entry in status_entries(document)}
    check = check_status(document, Documents(lists), _Believing(), NOW, timedelta(seconds=60))
    if check.code not in ("STATUS_RETRIEVAL_ERROR", "MALFORMED_VALUE_ERROR", "status-unsupported"):
        past()
    if check.code not in ("current", "withdrawn", "suspended", "no-status"):
        raise ProofRefused(check.code, check.says)


def _list(raw: bytes, past: Past) -> None:
    bits = status_list.decode(raw.decode("utf-8", "surrogatepass"))
    past()
    status_list.is_set(bits, len(bits) * 8 - 1)


# --- all of it -----------------------------------------------------------------------------------------------------


def _examine(raw: bytes, past: Past) -> None:
    """The whole verifier: forms, images, credentials inside, keys, status. It answers with a report, never raises."""
    report = examine(raw, world(), DEFAULT, NOW)
    missing(raw, {})
    json.dumps(report.members())
    if report.checks[0].result is Outcome.PASSED:
        past()
    if report.verdict is not Outcome.PASSED:
        raise ProofRefused(f"check {report.decisive.number}", report.says)


def _broken_form(rng: Random, raw: bytes) -> bytes:
    if raw[:1] == b"{":
        return fuzz_inputs.broken_json(rng, raw)
    if raw[:3] == b"eyJ":
        return fuzz_inputs.broken_token(rng, raw)
    return (fuzz_images.broken_png if raw[:1] == b"\x89" else fuzz_images.broken_svg)(rng, raw)


PARSERS: dict[str, Parser] = {
    parser.name: parser
    for parser in (
        Parser(
            "json", "read() found strict JSON", fuzz_seeds.documents, fuzz_inputs.broken_json, _read_and_walk, _json
        ),
        Parser(
            "jwt",
            "three parts and a good header",
            lambda: [one.raw for one in specimens() if one.is_token],
            fuzz_inputs.broken_token,
            _token,
            st.tuples(_segment | _json.map(lambda raw: base64url.encode(raw).encode()), _segment, _segment).map(
                b".".join
            ),
        ),
        Parser(
            "multibase",
            "base58btc of a length asked for",
            fuzz_seeds.multibases,
            fuzz_inputs.broken_text,
            _multibase,
            _text,
        ),
        Parser(
            "png",
            "a whole row of chunks",
            fuzz_seeds.pngs,
            fuzz_images.broken_png,
            _unbake,
            st.binary(max_size=200),
            frozenset(_PNG_DEEP),
        ),
        Parser(
            "svg",
            "well-formed XML within bounds",
            fuzz_seeds.svgs,
            fuzz_images.broken_svg,
            _svg,
            _text,
            frozenset(_SVG_DEEP),
        ),
        Parser(
            "did",
            "read() found strict JSON",
            lambda: [raw for name, raw in world().items() if name != LIST_URL and isinstance(raw, bytes)],
            fuzz_inputs.broken_key_document,
            _key_document,
            _under("id", "verificationMethod", "assertionMethod"),
        ),
        Parser("examine", "a readable document", fuzz_seeds.forms, _broken_form, _examine, _json),
        Parser("status", "a usable status entry", fuzz_seeds.statuses, fuzz_lists.broken_status, _status, _json),
        Parser(
            "list",
            "one complete gzip stream",
            fuzz_seeds.lists,
            fuzz_lists.broken_list,
            _list,
            _text,
            frozenset({"STATUS_LIST_LENGTH_ERROR"}),
        ),
    )
}
