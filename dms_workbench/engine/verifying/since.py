"""Which side has changed since a run has verified a table: told by what the run kept of its sums of hashes.

A run that compares two tables by hashes has their sums by bucket anyway. It keeps a short digest of each bucket of both
sides, and the salt. A later verification decides by a salt of its own whether rows differ; only then it sums once more
under the kept salt, and sees for each bucket which side is not what it was. Where an integer key chooses the bucket,
that is said of each row; else of the table.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ..databases.row_hashes import bucket_of
from .compare import Every
from .hashed import HashedPair, Sums
from .model import Finding

FORM = 1
"""Of what is hashed: raised whenever a row's hash is made in another way."""
BUCKETS_KEPT = 4_096
DIGEST_BYTES = 8

Since = Literal["", "source", "target", "both", "neither"]
"""Who has changed a row since the run; ``neither``: it was wrong when the run ended."""
WORDS: dict[Since, str] = {
    "source": "changed in the source",
    "target": "changed in the target",
    "both": "may have changed on either side",
    "neither": "were different when the run ended",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run keeps of one table map it has verified. At most 90 KB as text."""

    salt: str
    form: str
    """Names what was hashed, on both sides."""
    source: Mapping[int, str]
    """By bucket the digest of its rows and sums."""
    target: Mapping[int, str]

    def as_text(self) -> str:
        """For the ledger."""
        same = self.source == self.target
        sides = [packed(self.source), "" if same else packed(self.target)]
        return json.dumps({"salt": self.salt, "form": self.form, "source": sides[0], "target": sides[1]})

    @staticmethod
    def from_text(text: str) -> Kept:
        """The inverse of `as_text`. Raises ValueError, KeyError."""
        found = json.loads(text)
        source = unpacked(found["source"])
        return Kept(found["salt"], found["form"], source, unpacked(found["target"]) if found["target"] else source)


def packed(digests: Mapping[int, str]) -> str:
    """Digests as short text."""
    raw = b"".join(bucket.to_bytes(2, "big") + bytes.fromhex(digest) for bucket, digest in sorted(digests.items()))
    return base64.b64encode(zlib.compress(raw)).decode()


def unpacked(text: str) -> dict[int, str]:
    """The inverse of `packed`."""
    raw, width = zlib.decompress(base64.b64decode(text)), 2 + DIGEST_BYTES
    pieces = (raw[at : at + width] for at in range(0, len(raw), width))
    return {int.from_bytes(piece[:2], "big"): piece[2:].hex() for piece in pieces}


def digests(sums: Sums) -> dict[int, str]:
    """The digest of each bucket that is kept, which takes several of those summed."""
    gathered: dict[int, list[tuple[int, tuple[int, ...]]]] = {}
    for bucket, figures in sorted(sums.items()):
        gathered.setdefault(bucket % BUCKETS_KEPT, []).append((bucket, figures))
    return {
        bucket: hashlib.blake2b(repr(some).encode(), digest_size=DIGEST_BYTES).hexdigest()
        for bucket, some in gathered.items()
    }


def kept_of(pair: HashedPair, salt: str, sums: tuple[Sums, Sums]) -> Kept:
    """What is to be kept of a verification."""
    return Kept(salt, form_of(pair), digests(sums[0]), digests(sums[1]))


def form_of(pair: HashedPair) -> str:
    """Names what is hashed, under one salt: a column that is added or of another type makes all hashes others."""
    told = [[side.database.can.database, side.rows.form] for side in pair.sides]
    return hashlib.sha256(json.dumps([FORM, pair.key, told]).encode()).hexdigest()[:16]


@dataclass(slots=True)
class Judge:
    """Says of rows that differ who has changed them since the run."""

    key: str | None
    """The target's key column, where it chooses the bucket."""
    source: set[int]
    """Buckets that are not what they were."""
    target: set[int]
    counts: Counter[Since]

    @staticmethod
    def of(pair: HashedPair, kept: Kept, sums: tuple[Sums, Sums]) -> Judge:
        """sums: of both sides now, under the kept salt."""
        now = digests(sums[0]), digests(sums[1])
        return Judge(pair.key, changed(kept.source, now[0]), changed(kept.target, now[1]), Counter())

    def since(self, found: Finding) -> Since:
        """Of one row; empty where its key does not tell its bucket."""
        text = (found.key or {}).get(self.key or "")
        if text is None or not text.lstrip("-").isdigit():
            return ""
        bucket = bucket_of(int(text), BUCKETS_KEPT)
        return verdict(source=bucket in self.source, target=bucket in self.target)

    def listening(self, every: Every | None) -> Every:
        """Counts each row that differs, and tells it on."""

        def told(found: Finding) -> None:
            which = self.since(found)
            self.counts[which] += 1
            if every is not None:
                every(replace(found, since=which))

        return told

    def told(self) -> str:
        """What the rows that were judged come to, as a sentence; of the table where rows cannot be told."""
        if self.counts and not self.counts[""]:
            said = [f"{count:,} {WORDS[which]}" for which, count in self.counts.most_common()]
            return "since the run: " + ", ".join(said)
        which = verdict(source=bool(self.source), target=bool(self.target))
        return {
            "source": "since the run only the source has changed",
            "target": "since the run only the target has changed",
            "both": "since the run both sides have changed",
            "neither": "neither side has changed since the run",
        }[which]


def verdict(*, source: bool, target: bool) -> Since:
    """In words."""
    if source:
        return "both" if target else "source"
    return "target" if target else "neither"


def changed(before: Mapping[int, str], now: Mapping[int, str]) -> set[int]:
    """The buckets that differ."""
    return {bucket for bucket in {*before, *now} if before.get(bucket) != now.get(bucket)}
