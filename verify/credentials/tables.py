"""Credentials and their editions, the lists that say which are withdrawn, and the requests already answered."""

from piccolo.columns import BigInt, Bytea, ForeignKey, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.table import Table

from verify.issuers.tables import Issuer, IssuerKey
from verify.people.tables import Person
from verify.platforms.tables import Platform
from verify.trail.tables import ALL

# States of a credential that nobody outside has ever seen.
UNSIGNED = ["reserved", "lapsed"]
# What a status list holds the bits of, where that is not credentials.
REFERENCES = "references"


class StatusList(Table):
    """A status list of an issuer. ``version`` counts withdrawals, ``document`` holds those up to ``published``.

    ``key`` signed that document. From ``fresh_until`` on a new edition is due although nothing was withdrawn.
    ``number`` counts the lists of an issuer from 1. Unique by migration: (issuer, number), so that a burst of first
    requests makes one list and not many small ones, which would single people out. ``holds`` is null for credentials.
    """

    id = Varchar(26, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    number = Integer()
    length = Integer()
    version = BigInt(default=0)
    published = BigInt(default=-1)
    document = Bytea(null=True, default=None)
    key = Varchar(80, null=True, default=None)
    fresh_until = Timestamptz(null=True, default=None)
    holds = Varchar(12, null=True, default=None)
    created_at = Timestamptz(default=None, null=False)


class StatusPlace(Table):
    """A place in a status list of something that is no credential; its bit is set once ``withdrawn_at`` is.

    Unique by migration: (status_list, status_index).
    """

    id = Varchar(36, primary_key=True, default=None)
    status_list = ForeignKey(StatusList, null=False, on_delete=OnDelete.restrict)
    status_index = Integer()
    withdrawn_at = Timestamptz(null=True, default=None)


class Credential(Table):
    """One credential from reservation to withdrawal.

    ``state``: ``reserved`` (nothing signed is known outside) → ``issued`` → ``withdrawn``. A reservation holds all
    that signing needs, so composing it again gives the same bytes. One with ``lease_until`` is signed by its issuer
    and not here; not submitted by then, it is ``lapsed`` for good, and its status index is never given again.

    ``document`` is what was signed, byte for byte; every other column is an index into it. ``edition`` counts from 1
    and is that of ``document``, ``corrected_at`` is when it came in the place of an earlier one. ``replaces`` is the id
    of the withdrawn credential that this one succeeds. Unique by migration: (status_list, status_index), replaces.

    ``record``, ``email`` and ``search`` are remade from the completion at any time, so no act is needed to change them.
    """

    UNTRACKED = frozenset({"record", "email", "search"})

    id = Varchar(36, primary_key=True, default=None)
    state = Varchar(10, index=True)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict)
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    completion = Text()
    salt = Varchar(32)
    key = ForeignKey(IssuerKey, null=False, on_delete=OnDelete.restrict)
    status_list = ForeignKey(StatusList, null=False, on_delete=OnDelete.restrict)
    status_index = Integer()
    natural_key = Varchar(64, unique=True, null=True, default=None)
    achievement = Varchar(32, null=True, default=None, index=True)
    code = Varchar(16, unique=True, null=True, default=None)
    document = Bytea(null=True, default=None)
    reserved_at = Timestamptz(default=None, null=False)
    lease_until = Timestamptz(null=True, default=None)
    issued_at = Timestamptz(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)
    reason = Text(null=True, default=None)
    reason_kind = Varchar(20, null=True, default=None)
    edition = Integer(default=1)
    corrected_at = Timestamptz(null=True, default=None)
    replaces = Varchar(36, null=True, default=None)
    record = Varchar(100, null=True, default=None)
    email = Varchar(254, null=True, default=None)
    search = Text(null=True, default=None)


class CredentialEdition(Table):
    """An edition of a credential that was corrected, for the issuer's own eyes; nothing of it is public.

    ``state``: ``reserved`` (what signing needs is set aside) → ``current`` (its bytes are the credential's) →
    ``superseded``; ``void`` when the credential was withdrawn before it was signed. ``document`` is kept here once the
    edition is superseded. ``reserved_at`` is its validFrom, ``first_at`` that of the first edition. Unique by
    migration: (credential, number).
    """

    id = Varchar(36, primary_key=True, default=None)
    credential = ForeignKey(Credential, null=False, on_delete=OnDelete.restrict)
    number = Integer()
    state = Varchar(10, index=True)
    completion = Text()
    salt = Varchar(32)
    key = ForeignKey(IssuerKey, null=False, on_delete=OnDelete.restrict)
    code = Varchar(16, unique=True, null=True, default=None)
    document = Bytea(null=True, default=None)
    first_at = Timestamptz(default=None, null=False)
    reserved_at = Timestamptz(default=None, null=False)
    issued_at = Timestamptz(null=True, default=None)
    superseded_at = Timestamptz(null=True, default=None)


class Reply(Table):
    """What the intern says to the withdrawal of her credential: once. Taken back, its text is empty."""

    id = Varchar(36, primary_key=True, default=None)
    credential = ForeignKey(Credential, unique=True, null=False, on_delete=OnDelete.restrict)
    text = Text()
    given_at = Timestamptz(default=None, null=False)
    taken_back_at = Timestamptz(null=True, default=None)


class Lineage(Table):
    """Which database this is: a copy has the same ``id``, so that a restored one is known again. One row."""

    UNTRACKED = ALL

    id = Varchar(36, primary_key=True, default=None)
    created_at = Timestamptz(default=None, null=False)


class AnsweredRequest(Table):
    """An Idempotency-Key and what it led to. Unique by migration: (platform, idempotency_key)."""

    id: Serial
    platform = ForeignKey(Platform, null=False, on_delete=OnDelete.restrict)
    idempotency_key = Varchar(255)
    body_sha256 = Varchar(64)
    credential = ForeignKey(Credential, null=False, on_delete=OnDelete.restrict)
    created_at = Timestamptz(default=None, null=False)


class ImportJob(Table):
    """An uploaded file of completions. ``state``: ``checked`` → ``running`` → ``finished``, or ``stopped``.

    ``reading`` is JSON: how the file was read. ``broken`` is JSON: the rows to correct, for a week. ``leased_until`` is
    until when one worker has it in hand. A work list; what it led to stands in the trail with each credential.
    """

    UNTRACKED = ALL

    id = Varchar(36, primary_key=True, default=None)
    issuer = ForeignKey(Issuer, null=False, on_delete=OnDelete.restrict, index=True)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    state = Varchar(10, index=True)
    file = Varchar(120)
    reading = Text()
    broken = Text(null=True, default=None)
    why = Text(null=True, default=None)
    created_at = Timestamptz(default=None, null=False)
    started_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)
    leased_until = Timestamptz(null=True, default=None)


class ImportRow(Table):
    """A row of an uploaded file, and what became of it. Unique by migration: (job, line).

    ``state``: ``bad`` (never issued), ``waiting`` → ``issued``, ``known`` (was issued before) or ``refused``.
    ``faults`` is JSON; ``completion`` is there only as long as it waits.
    """

    UNTRACKED = ALL

    id: Serial
    job = ForeignKey(ImportJob, null=False, on_delete=OnDelete.cascade)
    line = Integer()
    state = Varchar(10)
    record = Varchar(100, null=True, default=None)
    completion = Text(null=True, default=None)
    faults = Text(null=True, default=None)
    credential = ForeignKey(Credential, null=True, default=None, on_delete=OnDelete.restrict)
    attempts = Integer(default=0)
