"""`python -m tests.drills mutants|differential|lane|fuzz`: what the targets of the Makefile call."""

from __future__ import annotations

import argparse

from tests.drills import differential, fuzzing, lane_drill, mutant_drill
from tests.drills.fuzz_parsers import PARSERS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    drills = parser.add_subparsers(dest="drill", required=True)
    mutants = drills.add_parser("mutants", help="change signed credentials and see each change refused")
    mutants.add_argument("--n", type=int, default=100_000)
    mutants.add_argument("--only", type=int, help="make the mutant of this number again and show it")
    mutants.add_argument("--minutes", type=float, default=20, help="stop after so many, whatever is done")
    compared = drills.add_parser("differential", help="put mutants before other JSON-LD processors too")
    compared.add_argument("--n", type=int, default=5_000)
    compared.add_argument("--minutes", type=float, default=20, help="stop after so many, whatever is done")
    compared.add_argument("--examples", action="store_true", help="show one document of each class")
    lane = drills.add_parser("lane", help="hold the lane for common badges against the gate")
    lane.add_argument("--n", type=int, default=200_000)
    lane.add_argument("--minutes", type=float, default=20, help="stop after so many, whatever is done")
    fuzz = drills.add_parser("fuzz", help="put broken input before every parser")
    fuzz.add_argument("--minutes", type=float, default=10, help="for each parser")
    fuzz.add_argument("--parser", default="", help=f"only these: {' '.join(PARSERS)}")
    for drill in (mutants, compared, lane, fuzz):
        drill.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.drill == "differential":
        return differential.run(given.n, given.seed, given.minutes, examples=given.examples)
    if given.drill == "lane":
        return lane_drill.run(given.n, given.seed, given.minutes)
    if given.drill == "fuzz":
        names = given.parser.split() or list(PARSERS)
        if unknown := set(names) - set(PARSERS):
            parser.error(f"there is no parser {min(unknown)}; there are {', '.join(PARSERS)}")
        return fuzzing.run(given.minutes, given.seed, [PARSERS[name] for name in names])
    if given.only is not None:
        return mutant_drill.show(given.only, given.seed)
    return mutant_drill.run(given.n, given.seed, given.minutes)


if __name__ == "__main__":
    raise SystemExit(main())
