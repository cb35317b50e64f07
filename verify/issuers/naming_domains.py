"""Which names of the Internet can be a company's own: read strictly, because what is typed ends up in addresses."""

from __future__ import annotations

import re

import dns.exception
import dns.name

from refolio.errors import Fault
from verify.http.refusals import Refused

_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
LONGEST_DOMAIN = 253 - len("_refolio.")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


INSIDE = _words("arpa corp home internal intranet invalid lan local localdomain localhost onion private test")
# Mail for anybody: whoever has an address there does not own the domain. By brand in all countries, and whole.
FREE_MAIL = _words(
    "gmail googlemail outlook hotmail yahoo ymail rocketmail aol icloud gmx proton protonmail zoho yandex fastmail "
    "hushmail tutanota tuta posteo laposte rediffmail btinternet hanmail bigpond optusnet"
)
FREE_MAIL_HOSTS = _words(
    "live.com msn.com me.com mac.com pm.me mail.com mail.ru bk.ru inbox.ru list.ru rambler.ru mailbox.org web.de "
    "t-online.de freenet.de orange.fr wanadoo.fr free.fr libero.it virgilio.it tiscali.it seznam.cz wp.pl onet.pl "
    "interia.pl o2.pl qq.com 163.com 126.com sina.com sohu.com naver.com daum.net virginmedia.com sky.com "
    "talktalk.net comcast.net verizon.net att.net cox.net charter.net uol.com.br bol.com.br terra.com.br"
)
_MAIL_ENDS = re.compile(r"com?\.[a-z]{2}|[a-z]{2}|com|net|org|eu")
# Under these, others register or host: the name itself is nobody's own.
SHARED = _words(
    "co.uk org.uk ac.uk gov.uk ltd.uk plc.uk me.uk com.au net.au org.au edu.au co.nz org.nz ac.nz co.jp ne.jp "
    "or.jp ac.jp com.br org.br com.cn org.cn com.mx co.in org.in ac.in co.za org.za ac.za com.tr com.sg com.hk "
    "com.tw co.kr com.ar com.pl co.il co.id github.io gitlab.io pages.dev workers.dev netlify.app vercel.app "
    "herokuapp.com web.app firebaseapp.com azurewebsites.net cloudfront.net amazonaws.com s3.amazonaws.com "
    "appspot.com blogspot.com wordpress.com wixsite.com weebly.com squarespace.com myshopify.com webflow.io "
    "notion.site bubbleapps.io onrender.com fly.dev surge.sh glitch.me ngrok.io ngrok.app eu.org uk.com us.com "
    "de.com"
)


def domain_of(text: str, own_host: str = "") -> str:
    """The domain that was typed, in lower-case A-labels. ``own_host`` is this service's own, which proves nothing.

    Raises Refused for addresses, single words, names of inner networks, free-mail hosts and names that many share.
    """
    domain = _in_ascii(text.strip().lower().removesuffix("."))
    labels = domain.split(".")
    reason = None
    if re.search(r"[/:@\s]", domain):
        reason = "It holds more than a domain; give the name alone."
    elif len(domain) > LONGEST_DOMAIN or not all(_LABEL.fullmatch(label) for label in labels):
        reason = "It is not the name of a domain."
    elif labels[-1].isdigit() or re.fullmatch(r"0x[0-9a-f]+", labels[-1]):
        reason = "It is an IP address, which belongs to whoever is there today."
    elif len(labels) == 1 or labels[-1] in INSIDE:
        reason = "It is no name of the public Internet."
    elif _is_free_mail(labels):
        reason = "Anybody can have mail there."
    elif domain in SHARED:
        reason = "Many organisations have names under it, so it is nobody's own."
    elif domain == own_host.partition(":")[0]:
        reason = "It is the address of this site."
    if reason:
        fix = "Give the domain of your organisation, like acme.example."
        raise Refused("form-refused", f"This domain cannot be proven. {reason}", [Fault("domain", reason, fix)])
    return domain


def _in_ascii(text: str) -> str:
    """A-labels for what is written in other letters; what is not allowed there stays and is refused later."""
    if text.isascii():
        return text
    try:
        name = dns.name.from_unicode(text, None, idna_codec=dns.name.IDNA_2008_Practical)
    except (dns.exception.DNSException, UnicodeError):
        return text
    return name.to_text(omit_final_dot=True)


def _is_free_mail(labels: list[str]) -> bool:
    for place, label in enumerate(labels[:-1]):
        rest = ".".join(labels[place + 1 :])
        if f"{label}.{rest}" in FREE_MAIL_HOSTS or (label in FREE_MAIL and _MAIL_ENDS.fullmatch(rest)):
            return True
    return False
