"""What is wished of lanes in other processes: they ask the ledger, the only thing that all of them can reach."""

from __future__ import annotations

import json
from typing import cast

from ..control import Wish
from .ledger import Ledger


def wish_for_lanes(ledger: Ledger, wish: Wish) -> None:
    """Tell the lanes of a run what is wished of them."""
    with ledger.target.transaction():
        ledger.execute("UPDATE {runs} SET settings = ? WHERE run_id = ?", (json.dumps({"lanes": wish}), ledger.run_id))


def wish_of_lanes(ledger: Ledger, epoch: int) -> Wish:
    """What is wished of a lane that belongs to an epoch; a pause when the run is another worker's by now."""
    rows = ledger.query("SELECT epoch, settings FROM {runs} WHERE run_id = ?", (ledger.run_id,))
    if not rows or int(rows[0][0]) != epoch:
        return "pause"
    return cast("Wish", json.loads(rows[0][1] or "{}").get("lanes", "run"))
