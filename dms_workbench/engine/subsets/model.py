"""What a subset is: what is asked for, and what a table keeps of its rows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...kernel.errors import UsageError
from ..expressions import LookupTable

SPEC = re.compile(r"(?P<table>[^:]+):\s*(?:(?P<share>\d+(?:\.\d+)?)\s*%|(?P<where>.+))", re.DOTALL)


class InvalidSubset(
    UsageError, code="invalid-subset", next="Write --subset 'customers:10%' or --subset \"customers:country = 'DE'\"."
):
    """The subset {spec} cannot be made: {reason}"""


@dataclass(frozen=True, slots=True)
class Subset:
    """What is asked for: a share (0 to 1) of a table's rows, or those for which an expression is true."""

    table: str
    share: float | None = None
    where: str | None = None

    @staticmethod
    def parse(text: str) -> Subset:
        """Read ``customers:10%`` or ``customers:country = 'DE'``. Raises InvalidSubset."""
        match = SPEC.fullmatch(text.strip())
        if match is None:
            raise InvalidSubset(spec=repr(text), reason="it is a table, a colon, and a percentage or a filter.")
        share = float(match["share"]) / 100 if match["share"] else None
        if share is not None and not 0 < share <= 1:
            raise InvalidSubset(spec=repr(text), reason="the percentage lies between 0 and 100.")
        return Subset(match["table"].strip(), share, match["where"])


@dataclass(frozen=True, slots=True)
class Kept:
    """What a table keeps: the filter to apply beside its own, and the lookups that filter uses; None keeps all."""

    where: str
    lookups: Mapping[str, LookupTable]
