"""The SQL that makes a table without key hold the rows of its stage, as often as they stand there, touching no other row."""

from __future__ import annotations

from .stage_parts import CHUNK, KIND, LANE, OLD
from .taking_back import TakingBack

SIDE, PLACE, WANTED, TOGETHER, SPOT = "dms_side", "dms_place", "dms_wanted", "dms_together", "dms_spot"


class Exchanging(TakingBack):
    """Rows are told apart by all the values that the run writes, to the last byte; equal ones are counted."""

    @property
    def tells_rows_apart(self) -> bool:
        """Can one of several equal rows be taken out?"""
        return not self.row_id or self.row_id not in {name.lower() for name in self.shape.kept}

    def exact_parts(self, value: str) -> list[str]:
        """What is the same for two values just when they are the same to the last byte."""
        return [value]

    def balanced(self) -> str:
        """Rows of target (side 0) and stage (1), numbered among their equals of one side, with the count of those in the stage."""
        names = self.names(self.shape.kept)
        spot = self.row_of("t") if self.row_id else "NULL"
        other = self.row_of("s") if self.row_id else "NULL"
        rows = (
            f"SELECT {names}, 0 AS {SIDE}, {spot} AS {SPOT} FROM {self.target} t UNION ALL "
            f"SELECT {names}, 1 AS {SIDE}, {other} AS {SPOT} FROM {self.stage} s"
        )
        equal = ", ".join(part for name in self.shape.written for part in self.exact_parts(f"r.{self.quote(name)}"))
        return (
            f"SELECT {self.names(self.shape.kept, 'r')}, r.{SIDE}, r.{SPOT}, "
            f"row_number() OVER (PARTITION BY {equal}, r.{SIDE} ORDER BY r.{SPOT}) AS {PLACE}, "
            f"sum(r.{SIDE}) OVER (PARTITION BY {equal}) AS {WANTED}, count(*) OVER (PARTITION BY {equal}) AS {TOGETHER} "
            f"FROM ({rows}) r"
        )

    def surplus(self, chosen: str) -> str:
        """Rows of the target that stand there more often than in the stage."""
        return f"SELECT {chosen} FROM ({self.balanced()}) b WHERE b.{SIDE} = 0 AND b.{PLACE} > b.{WANTED}"

    def keep_surplus(self) -> str:
        """Images of the rows that are about to go."""
        chosen = f"'{OLD}', 0, 0, {self.names(self.shape.kept, 'b')}"
        into = f"{self.images} ({KIND}, {LANE}, {CHUNK}, {self.names(self.shape.kept)})"
        return f"INSERT INTO {into} {self.surplus(chosen)}"

    def delete_surplus(self) -> str:
        """Take them out; only where rows have numbers."""
        chosen = self.surplus(f"b.{SPOT}")
        return self.delete_where(f"{self.row_of('t')} IN ({chosen})")

    def keep_missing(self, kind: str) -> str:
        """Images of the rows of the stage that the target has not as often."""
        written = [f"b.{self.quote(name)}" if name in self.shape.written else "NULL" for name in self.shape.kept]
        return (
            f"INSERT INTO {self.images} ({KIND}, {LANE}, {CHUNK}, {self.names(self.shape.kept)}) "
            f"SELECT '{kind}', 0, 0, {', '.join(written)} FROM ({self.balanced()}) b "
            f"WHERE b.{SIDE} = 1 AND b.{PLACE} > b.{TOGETHER} - b.{WANTED}"
        )

    def insert_kept(self, kind: str) -> str:
        """Add the rows of some images."""
        names = self.names(self.shape.written)
        return (
            f"INSERT INTO {self.target} ({names}) {self.overriding}SELECT {self.names(self.shape.written, 'i')} "
            f"FROM {self.images} i WHERE i.{KIND} = '{kind}'"
        )
