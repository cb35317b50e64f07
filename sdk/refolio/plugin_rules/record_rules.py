"""The rules about reading records, reviewing completions and announcing events."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from refolio.credential import rules as soundness
from refolio.credential.reading import JSON
from refolio.plugin import Event, RecordRefused, TemporaryFault, freeze
from refolio.plugin_rules.trial import BrokenRule, Trial, are_objections, copied, in_words, is_whole, refusal_of

SECONDS = 1.0  # for one record; a service allows a few times as much
DAMAGE: tuple[JSON, ...] = (None, True, 10**15, "", "\x00\u202e", "x" * 5000, [], [1], {"a": {"b": 1}})


def samples(trial: Trial) -> None:
    if not trial.good:
        raise BrokenRule("No sample record can be read. Add one of each layout to samples.json.")
    if len(trial.good) == len(trial.samples):
        raise BrokenRule("No sample is refused. Add a broken record, with the member to be named as “refused”.")


def reads(trial: Trial) -> None:
    for sample in trial.good:
        try:
            answer: object = trial.made.read(copied(sample.record))
        except Exception as error:
            trial.make()
            raise BrokenRule(f"{sample.name}: read() gives {in_words(error)}, not a Completion.") from None
        if not is_whole(answer):
            kind = type(answer).__name__
            raise BrokenRule(f"{sample.name}: read() gives no whole Completion ({kind}). Build it with complete().")


def sound(trial: Trial) -> None:
    for sample, completion in trial.read():
        if found := soundness.faults(completion, completion.ended):
            raise BrokenRule(f"{sample.name}: it cannot be signed. {found[0]} Build it with complete().")


def apart(trial: Trial) -> None:
    taken: dict[tuple[str, str], str] = {}
    for sample, completion in trial.read():
        twin = taken.setdefault((completion.issuer, completion.record), sample.name)
        if twin != sample.name:
            says = f"{twin} and {sample.name} both become the record {completion.record!r}."
            raise BrokenRule(f"{says} Take the foreign system's own id, so that one work is one credential.")


def refuses(trial: Trial) -> None:
    for sample in trial.samples:
        if not sample.refused:
            continue
        try:
            refused = refusal_of(trial.made, copied(sample.record))
        except Exception as error:
            trial.make()
            says = f"{sample.name}: read() gives {in_words(error)}."
            raise BrokenRule(f"{says} Raise RecordRefused(Fault({sample.refused!r}, reason, fix)).") from None
        named = [fault.field for fault in refused.faults] if refused else []
        if sample.refused not in named:
            blamed = f"blames {', '.join(named) or 'nothing'}" if refused else "reads it"
            raise BrokenRule(f"{sample.name}: {sample.refused!r} is at fault, but read() {blamed}.")


def explains(trial: Trial) -> None:
    plugin = trial.made
    for sample in trial.samples:
        refused = None
        with contextlib.suppress(Exception):  # the rules about reading say what else is raised
            refused = refusal_of(plugin, copied(sample.record))
        for fault in refused.faults if refused else ():
            if not (str(fault.reason).strip() and str(fault.fix).strip()):
                raise BrokenRule(f"{sample.name}: {fault.field!r} is refused without a reason and a fix.")


def no_surprises(trial: Trial) -> None:
    for sample, _ in trial.read():
        for place, damaged in _damaged(copied(sample.record)):
            answer: object = None
            try:
                answer = trial.made.read(copied(damaged))
            except RecordRefused:
                continue
            except Exception as error:
                raise BrokenRule(
                    f"{sample.name} {place}: read() gives {in_words(error)}. Raise RecordRefused."
                ) from None
            if not is_whole(answer):
                raise BrokenRule(f"{sample.name} {place}: what is read is no whole Completion. Use complete().")


def _damaged(record: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "with nothing in it", {}
    for name, value in record.items():
        yield f"without {name!r}", {other: inner for other, inner in record.items() if other != name}
        for wrong in DAMAGE:
            yield f"with {str(wrong)[:12]!a} as {name!r}", {**record, name: wrong}
        if isinstance(value, dict):
            for place, damaged in _damaged(value):
                yield f"with {name!r} {place}", {**record, name: damaged}


def same_again(trial: Trial) -> None:
    for sample, completion in trial.read():
        for plugin in (trial.made, trial.make()):
            again: object = plugin.read(copied(sample.record))
            if again != completion:
                raise BrokenRule(f"{sample.name}: read() gives another completion the second time. Keep no state.")
        if trial.reviewed(completion) != trial.reviewed(completion):
            raise BrokenRule(f"{sample.name}: review() answers differently the second time. Keep no state.")


def leaves_record(trial: Trial) -> None:
    for sample, completion in trial.read():
        record = copied(sample.record)
        trial.made.read(record)
        if record != sample.record:
            raise BrokenRule(f"{sample.name}: read() changes the record. Copy what you want to change.")
        try:
            frozen: object = trial.made.read(freeze(copied(sample.record)))  # type: ignore[arg-type]
        except Exception as error:
            says = f"{sample.name}: with the record frozen, as a service gives it, read() gives {in_words(error)}."
            raise BrokenRule(f"{says} Ask for Mapping and Sequence, not for dict and list.") from None
        if frozen != completion and trial.made.read(copied(sample.record)) == completion:
            raise BrokenRule(f"{sample.name}: with the record frozen, read() gives another completion.")


def review_answers(trial: Trial) -> None:
    for sample, completion in trial.read():
        try:
            answer: object = trial.made.review(completion)
        except Exception as error:
            raise BrokenRule(f"{sample.name}: review() gives {in_words(error)}. Return objections.") from None
        if not are_objections(answer):
            raise BrokenRule(f"{sample.name}: review() gives {type(answer).__name__}. Return a list of Objection.")


def objects(trial: Trial) -> None:
    for sample, completion in trial.read():
        objections = trial.reviewed(completion)
        if objections is not None and bool(objections) is not sample.objected:
            what = f"objects to {objections[0].member}" if objections else "has nothing against it"
            says = "an objection is due" if sample.objected else "nothing is wrong with it"
            raise BrokenRule(f"{sample.name}: {says}, but review() {what}.")


def announces(trial: Trial) -> None:
    data = freeze({"uuid": "00000000-0000-4000-8000-000000000000", "record": "1", "state": "current"})
    assert isinstance(data, Mapping)
    for kind in ("credential.issued", "credential.withdrawn", "no-such.type"):
        at = datetime(2026, 11, 23, 10, tzinfo=UTC)
        event = Event(id="evt_1", type=kind, created_at=at, mode="test", issuer="acme-textiles", data=data)
        try:
            trial.made.announce(event)
        except TemporaryFault:
            continue
        except Exception as error:
            trial.make()
            raise BrokenRule(f"announce() of {kind} gives {in_words(error)}. Pass over what you do not know.") from None


def quick(trial: Trial) -> None:
    for sample in trial.samples:
        started = time.monotonic()
        with contextlib.suppress(Exception):
            trial.made.review(trial.made.read(copied(sample.record)))
        if (took := time.monotonic() - started) > SECONDS:
            raise BrokenRule(f"{sample.name} took {took:.1f} s; at most {SECONDS:.0f} s is allowed. Fetch nothing.")
    trial.made  # noqa: B018 - a plugin that cannot be made is not quick either


def quiet(trial: Trial) -> None:
    trial.made  # noqa: B018
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        for sample in trial.samples:
            with contextlib.suppress(Exception):
                trial.made.review(trial.made.read(copied(sample.record)))
    if said := out.getvalue():
        raise BrokenRule(f"It prints {said.strip()[:40]!r}. Records hold people's data: print and log nothing.")
