"""``python -m verify domain …``: what the operator does with the web domains of issuers."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from verify.http.access import OPERATOR
from verify.issuers import domains
from verify.issuers.rechecking import recheck
from verify.outside.fetching import Fetcher
from verify.runtime import Runtime

Act = Callable[[Runtime, argparse.Namespace], Awaitable[None]]
Acts: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_to(acts: Acts, with_database: Callable[[Act], Callable[[argparse.Namespace], int]]) -> None:
    """Add every act of the ``domain`` command."""
    act = acts.add_parser("prove", help="say what to publish on the domain, and look whether it is there")
    act.add_argument("issuer")
    act.add_argument("domain")
    act.set_defaults(run=with_database(_prove_domain))
    act = acts.add_parser("check", help="check the proven domains whose time has come")
    act.add_argument("--all", action="store_true", help="check all of them")
    act.set_defaults(run=with_database(_check_domains))


async def _prove_domain(runtime: Runtime, options: argparse.Namespace) -> None:
    fetcher = Fetcher(runtime.network, runtime.now)
    evidence = await domains.prove(runtime, fetcher, OPERATOR, options.issuer, options.domain)
    proof = await domains.named(options.issuer, options.domain)
    print(f"{proof.domain}: {'proven' if proof.holds else 'not proven yet'}.")
    for seen in evidence.seen if evidence else ():
        print(f"  {seen.place}: {seen.says}")
    if not proof.holds:
        print(f"Publish this line as text record of {proof.wanted.record_name}, or at {proof.wanted.file_url}:")
        print(proof.wanted.line)


async def _check_domains(runtime: Runtime, options: argparse.Namespace) -> None:
    done = await recheck(runtime, Fetcher(runtime.network, runtime.now), all_of_them=options.all)
    for issuer, domain, method in done:
        print(f"{issuer}: {domain} {f'confirmed ({method})' if method else 'was not confirmed'}.")
    print(f"{len(done)} checked.")
