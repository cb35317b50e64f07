"""The program in which one plugin runs: started for one delivery, asked line by line, then killed.

    python worker.py MEMORY_BYTES PROCESSOR_SECONDS LIFE_SECONDS

A line of JSON in, a line of JSON out; the first is ``load``. Runs with limits that it sets on itself before anything of
the plugin is loaded. What the plugin prints goes to standard error. The service believes nothing of what comes out: it
checks it as if a stranger had sent it (``asking.py``).
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from typing import IO, Any

OPEN_FILES = 64


def limit(memory: int, processor: int, life: int) -> None:
    """Take from this process what a plugin has no need of. The alarm ends it even when the service is no more."""
    signal.alarm(life)
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,  # for root the kernel looks away
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: processor,
    }
    for kind, most in limits.items():
        hard = resource.getrlimit(kind)[1]
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, most))


def own_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Our two ends of the conversation; whoever reads standard input or prints gets nothing and disturbs nothing."""
    asked, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    return asked, answers


class Worker:
    """What is asked, one method each; the answer's only member says how it went."""

    plugin: Any
    made: Any = None

    def load(self, path: list[str], entry: str, config: dict[str, str] | None) -> dict[str, Any]:
        """Load the class and, with a config, make the plugin."""
        sys.path[:] = path
        from importlib.metadata import EntryPoint

        from refolio.plugin import ConfigRefused

        self.plugin = EntryPoint("", entry, "").load()
        manifest = self.plugin.manifest
        try:
            if config is not None:
                self.made = self.plugin.from_config(config)
        except ConfigRefused as refused:
            return {"config": [refused.key, refused.reason, refused.fix]}
        return {
            "loaded": {
                "name": manifest.name,
                "version": manifest.version,
                "api_version": manifest.api_version,
                "summary": manifest.summary,
                "announces": manifest.announces,
                "layouts": dict(manifest.layouts),
                "config": {key: [one.says, one.required] for key, one in manifest.config.items()},
            }
        }

    def read(self, record: dict[str, Any]) -> dict[str, Any]:
        from refolio.credential.model import completion_members
        from refolio.plugin import RecordRefused, freeze

        try:
            return {"completion": completion_members(self.made.read(freeze(record)))}
        except RecordRefused as refused:
            return {"refused": [list(fault) for fault in refused.faults]}

    def review(self, completion: dict[str, Any]) -> dict[str, Any]:
        from refolio.credential.model import completion_from

        objections = self.made.review(completion_from(completion))
        return {"objections": [[one.member, one.reason, one.fix] for one in objections]}

    def announce(self, event: dict[str, Any]) -> dict[str, Any]:
        from datetime import datetime

        from refolio.plugin import Event, TemporaryFault, freeze

        created_at = datetime.fromisoformat(event["created_at"])
        try:
            self.made.announce(Event(**{**event, "created_at": created_at, "data": freeze(event["data"])}))
        except TemporaryFault as fault:
            return {"temporary": str(fault)}
        return {"announced": True}

    def judge(self, rule: str) -> dict[str, Any]:
        """Try the plugin by its own samples against one rule of the contract."""
        from refolio.plugin_rules import BrokenRule, NotReached, Trial, judge, samples_beside

        try:
            samples = samples_beside(self.plugin)
        except BrokenRule as broken:
            return {"broken": str(broken)} if rule == "samples" else {"not_reached": "There are no samples."}
        try:
            judge(Trial(self.plugin, *samples), rule)
        except BrokenRule as broken:
            return {"broken": str(broken)}
        except NotReached as why:
            return {"not_reached": str(why)}
        return {"held": True}


def answer(act: Callable[..., dict[str, Any]], arguments: dict[str, Any]) -> bytes:
    """One line; an exception is told by its kind and place, since its message may hold a person's data."""
    try:
        said = act(**arguments)
        return json.dumps(said).encode() + b"\n"
    except BaseException as error:  # also SystemExit, KeyboardInterrupt and a MemoryError
        frames = traceback.extract_tb(error.__traceback__)
        place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""  # noqa: PTH119
        return json.dumps({"fault": f"{type(error).__name__}{place}"}).encode() + b"\n"


def main() -> None:
    """Answer until there is nothing more to read."""
    sys.dont_write_bytecode = True
    limit(*(int(text) for text in sys.argv[1:4]))
    asked, answers = own_pipes()
    worker = Worker()
    for line in asked:
        arguments = json.loads(line)
        act = arguments.pop("do")
        answers.write(answer(getattr(worker, act), arguments))
        answers.flush()


if __name__ == "__main__":
    main()
