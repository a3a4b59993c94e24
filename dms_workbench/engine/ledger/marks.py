"""What the objects of a target looked like before a run and after it: short marks of their definitions, kept with the run.

They lie in ``runs.settings`` as JSON: ``before`` holds all objects of the target's schemas, ``made`` those of the run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from .ledger import Ledger

Marks = dict[str, str]
"""By the place of an object in its catalogue."""


def enter_marks(ledger: Ledger, moment: str, marks: Mapping[str, str]) -> None:
    """Keep marks of a moment, unless the run has some of it. Call in a transaction."""
    known = all_marks(ledger)
    if moment in known:
        return
    text = json.dumps({**known, moment: dict(marks)}, sort_keys=True, separators=(",", ":"))
    ledger.execute("UPDATE {runs} SET settings = ? WHERE run_id = ?", (text, ledger.run_id))


def marks_of(ledger: Ledger, moment: str) -> Marks | None:
    """The marks of a moment; None if the run did not come to it, or was made before marks were kept."""
    return all_marks(ledger).get(moment)


def all_marks(ledger: Ledger) -> dict[str, Marks]:
    """All that are kept."""
    found = ledger.query("SELECT settings FROM {runs} WHERE run_id = ?", (ledger.run_id,))
    known: dict[str, Marks] = json.loads(found[0][0]) if found and found[0][0] else {}
    return known
