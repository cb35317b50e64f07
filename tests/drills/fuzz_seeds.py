"""Good input for every parser: what broken input is made from."""

from __future__ import annotations

from functools import cache

from refolio.credential import multibase, status_list
from refolio.credential.baking import bake_png, bake_svg
from tests.credential.acme import ACME, MALLORY, SAM, as_bytes, signed
from tests.credential.drawings import DRAWING, NS, svg
from tests.drills import fuzz_lists
from tests.drills.images import PIXEL
from tests.drills.specimens import EC_KEYS, specimens


@cache
def documents() -> list[bytes]:
    return [one.raw for one in specimens() if not one.is_token] + [
        as_bytes(ACME.status_list()),
        as_bytes(ACME.did_document),
    ]


@cache
def multibases() -> list[bytes]:
    keys = [signer.key.public.multibase for signer in (ACME, MALLORY)]
    others = [str(key.public.multikey) for key in EC_KEYS.values()]
    texts = [
        *keys,
        *others,
        *(f"did:key:{key}" for key in keys),
        multibase.encode(bytes(32)),
        multibase.encode(b"\1" * 64),
    ]
    return [text.encode() for text in (*texts, ACME.did, "did:web:localhost%3A8000:a")]


@cache
def credentials() -> list[bytes]:
    return [b'{"name":"x"}', *(one.raw for one in specimens()[:8])]


@cache
def pngs() -> list[bytes]:
    return [PIXEL, *(bake_png(PIXEL, raw) for raw in credentials())]


@cache
def svgs() -> list[bytes]:
    prefixed = f'<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:g {NS}><path d="M0 0"/></s:g></s:svg>'.encode()
    styled = f"<?xml version='1.0'?><!-- x --><svg {NS}><style>a{{}}</style><g>é</g></svg>".encode()
    return [
        DRAWING,
        svg(),
        prefixed,
        *(bake_svg(image, raw) for raw in credentials()[:6] for image in (DRAWING, styled)),
    ]


@cache
def statuses() -> list[bytes]:
    credential = as_bytes(signed())
    return [credential + fuzz_lists.PART + as_bytes(ACME.status_list(*bits)) for bits in ((), (94567,), (0, 131_071))]


@cache
def lists() -> list[bytes]:
    sizes = (131_072, 262_144, 8_388_608)
    return [status_list.encode(status_list.with_bits(size, (n, size - 1))).encode() for n, size in enumerate(sizes)]


@cache
def forms() -> list[bytes]:
    badges = [one.document for one in specimens() if not one.is_token][:9:2]
    shown = {
        "@context": badges[0]["@context"][:1],
        "type": ["VerifiablePresentation"],
        "holder": SAM.did,
        "verifiableCredential": badges,
    }
    presented = SAM.sign(shown, purpose="authentication")
    return [as_bytes(presented), *(one.raw for one in specimens()), *pngs()[1:], *svgs()[3:]]
