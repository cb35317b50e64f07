"""People with a record or a role here, what they show, and their sign-ins. An address is compared and mailed to."""

from piccolo.columns import BigInt, Boolean, Bytea, ForeignKey, Integer, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.trail.tables import ALL


class Person(Table):
    """An intern, a member of an issuer, or both. ``email`` is the normal form (trimmed, lower case).

    ``name`` is as the first platform gave it, or what the person calls herself. Not in the audit trail, because a
    person can have it erased.
    """

    UNTRACKED = ALL

    id = Varchar(36, primary_key=True, default=None)
    email = Varchar(254, unique=True)
    name = Varchar(200)
    created_at = Timestamptz(default=None, null=False)
    disabled_at = Timestamptz(null=True, default=None)


class Profile(Table):
    """What a person shows under which name. Private until published; an unpublished one answers like an absent one."""

    UNTRACKED = ALL

    handle = Varchar(60, primary_key=True, default=None)
    person = ForeignKey(Person, unique=True, null=False, on_delete=OnDelete.restrict)
    headline = Varchar(200, null=True, default=None)
    published = Boolean(default=False)
    created_at = Timestamptz(default=None, null=False)


class Session(Table):
    """A sign-in that lasts. ``id`` is the SHA-256 (hex) of the secret in the cookie; the secret itself is kept nowhere.

    ``strong_at`` is when the person last proved who she is, ``staff`` whether she may use her roles.
    """

    UNTRACKED = ALL

    id = Varchar(64, primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade, index=True)
    method = Varchar(10)
    staff = Boolean(default=False)
    csrf = Varchar(48)
    opened_at = Timestamptz(default=None, null=False)
    seen_at = Timestamptz(default=None, null=False)
    strong_at = Timestamptz(default=None, null=False)


class Mailbox(Table):
    """An address that a person proved to be hers. ``address`` is the normal form, ``spelled`` as she typed it.

    A person has one or several, so that an account outlives the university's address.
    """

    UNTRACKED = ALL

    address = Varchar(254, primary_key=True, default=None)
    spelled = Varchar(254)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade, index=True)
    confirmed_at = Timestamptz(default=None, null=False)


class FormerMailbox(Table):
    """An address that a person gave up: her credentials that name it stay hers, but nobody signs in by it."""

    UNTRACKED = ALL

    id = Varchar(36, primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade, index=True)
    address = Varchar(254)
    left_at = Timestamptz(default=None, null=False)


class MailboxChange(Table):
    """What can be taken back by the mailboxes that were hers before. ``id``: SHA-256 (hex) of the secret in the mail.

    ``change`` is ``added`` or ``removed``, ``address`` the mailbox it happened to.
    """

    UNTRACKED = ALL

    id = Varchar(64, primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade, index=True)
    address = Varchar(254)
    change = Varchar(8)
    expires_at = Timestamptz(default=None, null=False)


class SignInLink(Table):
    """A mail that was asked for, by link and code. Of its three secrets only hashes are kept (SHA-256, hex).

    ``id`` hashes the secret of the link, ``nonce`` that of the browser that asked, ``code`` the link's hash and the six
    digits. ``person`` is set where the mail adds a mailbox to an account, not where it signs in.
    """

    UNTRACKED = ALL

    id = Varchar(64, primary_key=True, default=None)
    nonce = Varchar(64, index=True)
    code = Varchar(64)
    address = Varchar(254)
    spelled = Varchar(254)
    person = ForeignKey(Person, null=True, on_delete=OnDelete.cascade)
    next_path = Varchar(200)
    tries = Integer(default=0)
    expires_at = Timestamptz(default=None, null=False, index=True)
    used_at = Timestamptz(null=True, default=None)


class Allowance(Table):
    """How often something was done in a span of time, to bound it. ``key`` hashes what is bounded and the span."""

    UNTRACKED = ALL

    key = Varchar(64, primary_key=True, default=None)
    spent = Integer(default=0)
    ends_at = Timestamptz(default=None, null=False, index=True)


class Passkey(Table):
    """A key pair of the person's device. ``id`` is WebAuthn's credential id (base64url), ``public_key`` in COSE."""

    UNTRACKED = ALL

    id = Varchar(1400, primary_key=True, default=None)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.cascade, index=True)
    public_key = Bytea()
    sign_count = BigInt(default=0)
    name = Varchar(60)
    created_at = Timestamptz(default=None, null=False)
    used_at = Timestamptz(null=True, default=None)


class PasskeyChallenge(Table):
    """A question put to a device, for one answer. ``id`` hashes the challenge, ``bound_to`` what it was asked for."""

    UNTRACKED = ALL

    id = Varchar(64, primary_key=True, default=None)
    bound_to = Varchar(64)
    expires_at = Timestamptz(default=None, null=False, index=True)


class Recovery(Table):
    """A member without her passkey waits for her roles. Her link opens them from ``opens_at`` to ``ends_at``."""

    UNTRACKED = ALL

    id = Varchar(36, primary_key=True, default=None)
    person = ForeignKey(Person, unique=True, null=False, on_delete=OnDelete.cascade)
    begun_at = Timestamptz(default=None, null=False)
    opens_at = Timestamptz(default=None, null=False)
    ends_at = Timestamptz(default=None, null=False)
