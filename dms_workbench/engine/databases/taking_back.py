"""The SQL of taking a run back: what it wrote and nobody has changed since goes, what it changed or replaced comes back."""

from __future__ import annotations

from collections.abc import Sequence

from .catalogue import ForeignKey, TableName
from .stage_parts import AFTER, BARE, BEFORE, CHUNK, KIND, NEW, OLD, SPARE, StageParts

EVERY = "1 = 1"
"""The guard that lets every row go."""


class TakingBack(StageParts):
    """Statements over the images of a run, and over rows told otherwise.

    ``guard`` is a condition on rows of the target (``t``) that may be taken out.
    """

    # -- what there is

    def as_written(self, kind: str) -> str:
        """How many images of a kind still stand in the target as they are."""
        return f"SELECT count(*) FROM {self.images} i JOIN {self.target} t ON {self.stands('t', 'i')} WHERE i.{KIND} = '{kind}'"

    def stands(self, one: str, other: str) -> str:
        """Is a row of the target what its image says?"""
        return f"{self.on_key(one, other)} AND {self.identical(one, other, self.shape.kept)}"

    def touched(self, limit: int) -> str:
        """The keys of images that no longer stand in the target as they are, and whether a row of that key does (1)."""
        return (
            f"SELECT {self.names(self.shape.key, 'i')}, CASE WHEN EXISTS (SELECT 1 FROM {self.target} t WHERE "
            f"{self.on_key('t', 'i')}) THEN 1 ELSE 0 END FROM {self.images} i WHERE i.{KIND} IN ('{NEW}', '{AFTER}') "
            f"AND NOT EXISTS (SELECT 1 FROM {self.target} t WHERE {self.stands('t', 'i')}) LIMIT {int(limit)}"
        )

    def count_kind(self, kind: str) -> str:
        """How many images of a kind there are."""
        return f"SELECT count(*) FROM {self.images} WHERE {KIND} = '{kind}'"

    def count_bare(self) -> str:
        """How many images of rows without a key have a row in the target."""
        return f"SELECT count(*) FROM {self.paired('1', EVERY)}"

    def count_rows(self, condition: str) -> str:
        """Rows of the target for which a condition holds."""
        return f"SELECT count(*) FROM {self.target} t WHERE {condition}"

    def keys_where(self, condition: str, limit: int) -> str:
        """The keys of rows of the target for which a condition holds."""
        return f"SELECT {self.names(self.shape.key, 't')} FROM {self.target} t WHERE {condition} LIMIT {int(limit)}"

    def unreferenced(self, child: TableName, key: ForeignKey) -> str:
        """The guard that a row of the target is not what rows of another table refer to."""
        pairs = zip(key.columns, key.referenced_columns, strict=True)
        on = " AND ".join(f"c.{self.quote(of)} = t.{self.quote(to)}" for of, to in pairs)
        return f"NOT EXISTS (SELECT 1 FROM {self.table_text(child)} c WHERE {on})"

    def refers_to_none(self, key: ForeignKey) -> str:
        """The guard that no other row of the same table refers to a row; for a pass of several."""
        ref, of = key.referenced_columns[0], key.columns[0]
        others = (
            f"SELECT c.{self.quote(of)} AS dms_ref FROM {self.target} c WHERE c.{self.quote(of)} <> c.{self.quote(ref)}"
        )
        return f"t.{self.quote(ref)} NOT IN (SELECT x.dms_ref FROM ({others}) x)"

    def is_none_of(self, keys: int, mark: str) -> str:
        """The condition that a row has none of so many keys, whose values are parameters."""
        one = " AND ".join(f"t.{self.quote(name)} = {mark}" for name in self.shape.key)
        return f"NOT ({' OR '.join([f'({one})'] * keys)})" if keys else EVERY

    def written_by(self, transactions: Sequence[int]) -> str:
        """The condition that a row is as one of these transactions wrote it; empty where rows do not know that."""
        raise NotImplementedError

    # -- proof

    def fingerprint(self) -> str:
        """The rows of the target, counted, and a number that depends on every byte of them and not on their order.

        In a transaction that writes it also keeps others from changing them, where the database can.
        """
        parts = " || ".join(self.hash_of(f"t.{self.quote(name)}") for name in self.shape.kept)
        return f"SELECT count(*), {self.sum_of(parts)} FROM {self.target} t"

    def hash_of(self, value: str) -> str:
        """SQL of a text that stands for a value, never NULL."""
        raise NotImplementedError

    def sum_of(self, row: str) -> str:
        """SQL of the sum of a number for each row, from the texts of its values; 0 for no row."""
        raise NotImplementedError

    # -- what is done

    def delete_new(self, guard: str) -> str:
        """Take out the rows that the run added and nobody has changed."""
        return self.delete_where(
            f"EXISTS (SELECT 1 FROM {self.images} i WHERE i.{KIND} = '{NEW}' AND {self.stands('t', 'i')}) AND {guard}"
        )

    def restore_changed(self) -> str:
        """Give the rows that the run changed, and nobody since, their values of before."""
        names = self.shape.settable(self.shape.restored)
        if not self.key_may_be_set:
            names = [name for name in names if name not in self.shape.key]
        joined = f"{self.images} b JOIN {self.images} a ON {self.on_key('a', 'b')} AND a.{KIND} = '{AFTER}' AND b.{KIND} = '{BEFORE}'"
        return self.update(names, "b", joined, self.stands("t", "a"))

    def put_old(self) -> str:
        """Bring the replaced content back, but for rows in whose place others stand."""
        free = (
            f" AND NOT EXISTS (SELECT 1 FROM {self.target} t WHERE {self.on_key('t', 'i')})" if self.shape.key else ""
        )
        names = self.names(self.shape.restored)
        return (
            f"INSERT INTO {self.target} ({names}) {self.overriding}SELECT {self.names(self.shape.restored, 'i')} "
            f"FROM {self.images} i WHERE i.{KIND} = '{OLD}'{free}"
        )

    def delete_bare(self, guard: str) -> str:
        """Take out one stored row for each image of a row without a key."""
        found = f"SELECT p.dms_id FROM {self.paired(self.row_of('t'), guard)}"
        return self.delete_where(f"{self.row_of('t')} IN ({found})")

    @property
    def tells_by_hash(self) -> bool:
        """Are stored rows without a key told by a hash, since nothing else names them?"""
        return not self.row_id

    def keep_spares(self, kind: str, names: Sequence[str], guard: str) -> str:
        """Set aside of the stored rows that are like an image of a kind in some columns those beyond the number of images."""
        raise NotImplementedError

    def delete_alike(self, kind: str, names: Sequence[str], guard: str) -> str:
        """Take out all stored rows that are like an image, those set aside among them."""
        raise NotImplementedError

    def put_spares(self) -> str:
        """Put back what was set aside."""
        return (
            f"INSERT INTO {self.target} ({self.names(self.shape.restored)}) SELECT {self.names(self.shape.restored, 'i')} "
            f"FROM {self.images} i WHERE i.{KIND} = '{SPARE}'"
        )

    def drop_spares(self) -> str:
        """Nothing is set aside any more."""
        return f"DELETE FROM {self.images} WHERE {KIND} = '{SPARE}'"

    def row_of(self, alias: str) -> str:
        """What names a stored row of the target."""
        return f"{alias}.{self.row_id}"

    def paired(self, row: str, guard: str) -> str:
        """Rows of the target without a key, each with an image of its own, as ``p``; row: SQL of what names the row."""
        names = self.shape.written
        rows = (
            f"SELECT {row} AS dms_id, {self.names(names, 't')}, row_number() OVER "
            f"(PARTITION BY {self.bare_partition('t')} ORDER BY {row} DESC) AS dms_place FROM {self.target} t WHERE {guard}"
        )
        images = (
            f"SELECT {self.names(names, 'i')}, row_number() OVER (PARTITION BY {self.bare_partition('i')} "
            f"ORDER BY i.{CHUNK}) AS dms_place FROM {self.images} i WHERE i.{KIND} = '{BARE}'"
        )
        same = self.identical("n", "m", names)
        return f"(SELECT n.dms_id FROM ({rows}) n JOIN ({images}) m ON n.dms_place = m.dms_place AND {same}) p"
