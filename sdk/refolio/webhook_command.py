"""``refolio webhooks`` and ``refolio listen``: keep webhooks, and see events come in on this machine."""

from __future__ import annotations

import argparse
import base64
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from refolio.addresses import PLAIN_URL
from refolio.errors import RequestRefused, Unavailable
from refolio.terminal import plain, say

if TYPE_CHECKING:
    import httpx

    from refolio.client.client import Client
    from refolio.client.events import Event
    from refolio.client.webhooks import Webhook

Act: TypeAlias = "Callable[[Client, argparse.Namespace], int]"
Connected: TypeAlias = Callable[[Act], Callable[[argparse.Namespace], int]]

FORWARD_SECONDS = 15.0
PAUSE = 5.0  # before the service is asked again after it could not be reached


def add_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    add_service: Callable[[argparse.ArgumentParser], None],
    connected: Connected,
) -> None:
    """Add both; ``connected`` makes a command of what needs a client."""
    hooks = commands.add_parser("webhooks", help="the addresses to which your events are sent")
    acts = hooks.add_subparsers(required=True, metavar="ACT")

    def act(name: str, says: str, run: Act, *arguments: str) -> argparse.ArgumentParser:
        parser = acts.add_parser(name, help=says)
        for argument in arguments:
            parser.add_argument(argument, metavar=argument.upper())
        parser.add_argument("--json", action="store_true", help="print the answer as JSON")
        add_service(parser)
        parser.set_defaults(run=connected(run))
        return parser

    act("list", "all of them", _list)
    add = act("add", "register an address; prints its secret, this once", _add, "address")
    add.add_argument("--type", action="append", metavar="TYPE", help="only events of this type (repeatable)")
    add.add_argument("--issuer", action="append", metavar="ISSUER", help="only those of this issuer (repeatable)")
    add.add_argument("--description")
    roll = act("roll", "make a new secret; the one before signs beside it for a day", _roll, "webhook")
    roll.add_argument("--overlap", type=int, default=86400, metavar="SECONDS")
    act("remove", "send nothing there any more", _remove, "webhook")
    act("test", "send a webhook.test", _test, "webhook")
    deliveries = act("deliveries", "what became of its deliveries", _deliveries, "webhook")
    deliveries.add_argument("--state", choices=["waiting", "delivered", "dead"])
    replay = act("replay", "send an event again; for a webhook's id, all that were given up", _replay, "what")
    replay.add_argument("--webhook", metavar="WEBHOOK", help="to this one only")

    listen = commands.add_parser("listen", help="print events as they come; needs no public address")
    listen.add_argument("--forward-to", metavar="URL", help="send each on, signed, like http://localhost:3000/hook")
    listen.add_argument("--secret", metavar="whsec_…", help="to sign with; a new one without this")
    listen.add_argument("--after", default="latest", metavar="CURSOR", help="from there on; without it, from now on")
    listen.add_argument("--most", type=_some, metavar="N", help="end after so many events")
    listen.add_argument("--json", action="store_true", help="print each event as one line of JSON")
    add_service(listen)
    listen.set_defaults(run=connected(_listen))


def _show(webhook: Webhook, options: argparse.Namespace) -> int:
    if options.json:
        return _as_json(webhook)
    state = "on" if webhook.enabled else f"off ({webhook.disabled_because or 'by you'})"
    say(plain(f"{webhook.id}  {state}  {webhook.url}  {', '.join(webhook.types or ['all events'])}"))
    if webhook.secret:
        say(f"  secret  {webhook.secret}")
        say("  It is shown this once.")
    return 0


def _as_json(value: object) -> int:
    import msgspec

    say(msgspec.json.encode(value).decode())
    return 0


def _list(client: Client, options: argparse.Namespace) -> int:
    found = list(client.webhooks.list())
    if options.json:
        return _as_json(found)
    for webhook in found:
        _show(webhook, options)
    return 0


def _add(client: Client, options: argparse.Namespace) -> int:
    webhook = client.webhooks.add(
        options.address, types=options.type, issuers=options.issuer, description=options.description
    )
    return _show(webhook, options)


def _roll(client: Client, options: argparse.Namespace) -> int:
    return _show(client.webhooks.roll(options.webhook, overlap=options.overlap), options)


def _remove(client: Client, options: argparse.Namespace) -> int:
    client.webhooks.remove(options.webhook)
    if not options.json:
        say(plain(f"{options.webhook}: removed."))
    return 0


def _test(client: Client, options: argparse.Namespace) -> int:
    tested = client.webhooks.test(options.webhook)
    return _as_json(tested) if options.json else _line(f"{tested.event} is on its way.")


def _deliveries(client: Client, options: argparse.Namespace) -> int:
    for one in client.webhooks.deliveries(options.webhook, state=options.state):
        if options.json:
            _as_json(one)
        else:
            _line(f"{one.event}  {one.type}  {one.state}  {one.fault or ''}".rstrip())
    return 0


def _replay(client: Client, options: argparse.Namespace) -> int:
    events, webhook = [options.what], options.webhook
    if options.what.startswith("whk_"):
        webhook = options.what
        events = [one.event for one in client.webhooks.deliveries(webhook, state="dead")]
    for event in events:
        replayed = client.events.replay(event, webhook=webhook)
        if options.json:
            _as_json(replayed)
        else:
            _line(f"{event} is on its way to {', '.join(replayed.webhooks)}.")
    return 0


def _line(text: str) -> int:
    say(plain(text))
    return 0


# ------------------------------------------------------------------------------------------------------------- listen


def _listen(client: Client, options: argparse.Namespace) -> int:
    """Print, and send on, until it is stopped. What a receiver answers is printed and changes nothing."""
    import httpx

    secret = options.secret or "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    if options.forward_to:
        _require_forwarding(options.forward_to, secret)
        signed = "your secret" if options.secret else secret
        print(f"refolio: sending on to {plain(options.forward_to)}, signed with {signed}", file=sys.stderr)
    print("refolio: listening; end with Ctrl-C", file=sys.stderr, flush=True)
    left = options.most
    with httpx.Client(trust_env=False, timeout=FORWARD_SECONDS) as http:
        for event in _events(client, options.after):
            _tell(event, as_json=options.json)
            if options.forward_to:
                _forward(http, options.forward_to, event, secret)
            if left is not None and (left := left - 1) <= 0:
                break
    return 0


def _events(client: Client, after: str) -> Iterator[Event]:
    """Each event once, also over times in which the service cannot be reached."""
    from refolio.client.events import breath

    while True:
        began = time.monotonic()
        try:
            page = client.events.wait(after)
        except Unavailable as error:
            print(f"refolio: {plain(str(error))}", file=sys.stderr, flush=True)
            time.sleep(PAUSE)
            continue
        took = time.monotonic() - began
        yield from page.items
        after = page.cursor
        time.sleep(breath(page, took))


def _tell(event: Event, *, as_json: bool) -> None:
    if as_json:
        _as_json(event)
    else:
        about = event.data.get("record") or event.data.get("webhook") or ""
        _line(f"{event.timestamp:%H:%M:%S}  {event.type}  {event.id}  {event.issuer or ''}  {about}".rstrip())
    sys.stdout.flush()


def _forward(http: httpx.Client, url: str, event: Event, secret: str) -> None:
    import httpx
    import msgspec

    from refolio.client.webhooks import sign

    body = msgspec.json.encode(event)
    try:
        with http.stream("POST", url, content=body, headers=sign(body, event.id, secret)) as answer:
            said = str(answer.status_code)
    except (httpx.HTTPError, UnicodeError) as error:
        said = f"no answer ({type(error).__name__})"
    print(f"refolio:   {event.id} → {said}", file=sys.stderr, flush=True)


def _require_forwarding(url: str, secret: str) -> None:
    """Refuse what cannot work before the first event comes."""
    from refolio.client.webhooks import sign

    parts = PLAIN_URL.fullmatch(url)
    if parts is None or int(parts["port"] or 0) > 65535:
        raise RequestRefused(f"“{url[:80]}” is not an address. Write it like http://localhost:3000/hook.")
    try:
        sign(b"", "evt_none", secret)
    except ValueError as error:
        raise RequestRefused(f"--secret: {error}") from None


def _some(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("give a number from 1")
    return int(text)
