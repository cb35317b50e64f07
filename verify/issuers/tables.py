"""Organisations that sign, the keys they sign with, the web domains they prove, and the people who act for them."""

from piccolo.columns import Boolean, Bytea, ForeignKey, Integer, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.people.tables import Person
from verify.trail.tables import ALL


class Issuer(Table):
    """An organisation in whose name credentials are signed. ``did`` never changes.

    ``vouched_by`` is the name of the platform that says it knows it, ``voucher`` its short name where it said so itself
    (platforms/vouching.py), from ``vouched_at`` until ``vouch_ended_at``.
    ``self_registered``: by a member of its own and not by the operator. ``pledged_at``: since when it says that it
    charges interns nothing. ``name_form`` is what its name looks like (naming.py). From ``closed_at`` on nothing is
    issued in its name any more. ``custody`` says who holds its private keys, and never changes either: ``issuer`` for
    the issuer itself, null for this service. ``twin_of`` is the issuer that a test issuer stands for (twins.py).
    """

    slug = Varchar(48, primary_key=True, default=None)
    did = Varchar(300, unique=True)
    name = Varchar(200)
    url = Varchar(500, null=True, default=None)
    description = Text(null=True, default=None)
    vouched_by = Varchar(200, null=True, default=None)
    voucher = Varchar(48, null=True, default=None)
    vouched_at = Timestamptz(null=True, default=None)
    vouch_ended_at = Timestamptz(null=True, default=None)
    custody = Varchar(10, null=True, default=None)
    twin_of = Varchar(48, null=True, default=None)
    self_registered = Boolean(null=True, default=None)
    pledged_at = Timestamptz(null=True, default=None)
    name_form = Varchar(900, null=True, default=None, index=True)
    created_at = Timestamptz(default=None, null=False)
    closed_at = Timestamptz(null=True, default=None)


class IssuerKey(Table):
    """A signing key. ``id`` is the public key (Multikey), ``wrapped`` the private one under the key-encryption key.

    ``wrapped`` is empty where the private key is not here: it was destroyed, or the issuer holds its own keys.
    ``purpose`` is ``credentials`` or ``status``, ``state`` one of key_states.py. Of an issuer and purpose at most
    one key is active and one pending. A pending key becomes active from ``due_at`` on; ``changed_at`` is when its state
    changed last. A key is not to be trusted from ``compromised_since`` on. A trigger lets ``state`` move only as
    key_states.py says.
    """

    id = Varchar(80, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    purpose = Varchar(20)
    state = Varchar(12)
    wrapped = Bytea()
    created_at = Timestamptz(default=None, null=False)
    due_at = Timestamptz(null=True, default=None)
    changed_at = Timestamptz(null=True, default=None)
    compromised_since = Timestamptz(null=True, default=None)


class DidVersion(Table):
    """A DID document that an issuer had from ``created_at`` on. ``id`` is ``slug:number``; numbers count from 1.

    Rows are never changed. ``sha256`` is that of ``document``; ``previous`` the link to the version before, the hash of
    did_history.entry_hash, 64 zeros for the first.
    """

    id = Varchar(60, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict, index=True)
    number = Integer()
    document = Bytea()
    sha256 = Varchar(64)
    previous = Varchar(64)
    created_at = Timestamptz(default=None, null=False)


class KeyChallenge(Table):
    """What somebody who wants to register a key of hers has to sign, once, before it ends. ``id`` is the challenge.

    ``key`` is the public key (Multikey) that has to answer. ``person`` asked for it in the console and alone may
    answer it, null for the operator; ``name`` and ``url`` are those of an organisation that is to be made.
    """

    UNTRACKED = ALL

    id = Varchar(64, primary_key=True, default=None)
    slug = Varchar(48)
    did = Varchar(300)
    key = Varchar(80, null=True, default=None)
    person = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    name = Varchar(200, null=True, default=None)
    url = Varchar(500, null=True, default=None)
    ends_at = Timestamptz(default=None, null=False)
    used_at = Timestamptz(null=True, default=None)


class KeyDocument(Table):
    """The DID document of an issuer that publishes it on a web domain of its own, as it was last fetched from there.

    There is a row for each such issuer. Not in the audit trail, because it changes when the issuer changes it.
    """

    UNTRACKED = ALL

    did = Varchar(300, primary_key=True, default=None)
    document = Bytea()
    fetched_at = Timestamptz(default=None, null=False)


class Membership(Table):
    """What a person is to an issuer, from when to when. Unique by migration: (issuer, person) among those not ended."""

    id = Varchar(36, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    role = Varchar(10)
    created_at = Timestamptz(default=None, null=False)
    ended_at = Timestamptz(null=True, default=None)


class Invitation(Table):
    """A member-to-be. ``id`` is the SHA-256 (hex) of the secret in the link; it is bound to ``address`` (normal form).

    It can be accepted once, by whoever is signed in with that address; ``ended_at`` is when it was taken back.
    """

    id = Varchar(64, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict, index=True)
    address = Varchar(254)
    role = Varchar(10)
    invited_by = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    accepted_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    accepted_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


class Proposal(Table):
    """What one member wants to do and a second one must agree to. ``act`` names it, ``body`` is its JSON.

    ``decision`` is ``approved`` or ``refused``, by ``decided_by``, who is not ``proposed_by``.
    """

    id = Varchar(36, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict, index=True)
    act = Varchar(48)
    body = Text()
    proposed_by = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    decided_by = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(null=True, default=None)
    decision = Varchar(10, null=True, default=None)


class DomainProof(Table):
    """That a web domain is an issuer's, from when to when. Rows are never removed: they are the history.

    ``method`` is ``key``, ``did-json``, ``dns`` or ``file`` (proofs.py), as found last; ``proven_at`` the first and
    ``confirmed_at`` the last time it was found. While ``failing_since`` is set it still holds; ``why_ended`` is
    ``failed``, ``other-issuer`` or ``given-up``. ``form`` is what the domain looks like. ``next_check_at`` is the
    schedule's, which is no act. Unique by migration: (issuer, domain) among those not ended.
    """

    UNTRACKED = frozenset({"next_check_at"})

    id = Varchar(36, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict, index=True)
    domain = Varchar(253, index=True)
    form = Varchar(900, index=True)
    challenge = Varchar(40)
    method = Varchar(10, null=True, default=None)
    asked_at = Timestamptz(default=None, null=False)
    proven_at = Timestamptz(null=True, default=None)
    confirmed_at = Timestamptz(null=True, default=None)
    checked_at = Timestamptz(null=True, default=None)
    failing_since = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    why_ended = Varchar(12, null=True, default=None)
    next_check_at = Timestamptz(null=True, default=None, index=True)
