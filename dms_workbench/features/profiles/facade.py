"""``wb.profiles``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from ...kernel.facade import Facade, operation
from ...kernel.paging import Page
from ..schemas import connection_of
from .compare import CompareProfiles, Gate, drift_between
from .errors import ProfileUnreadable
from .make import SAMPLE_ROWS, ProfileData, Watch, watched
from .model import DataProfile, Drift, ProfileSummary
from .read import GetProfile, ListProfiles

PROFILE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FORMAT = "dms-profile/1"


class Profiles(Facade):
    """Measure the data of databases and files, keep the figures, and see how they drift."""

    make = operation(ProfileData)
    get = operation(GetProfile)
    list = operation(ListProfiles)
    compare = operation(CompareProfiles)

    def of(
        self,
        source: object,
        tables: Sequence[str] | str = (),
        sample: int | Literal["all"] | None = SAMPLE_ROWS,
        *,
        project: str = "default",
        watch: Watch | None = None,
        **options: Any,
    ) -> DataProfile:
        """Profile tables of a database or files, and keep the figures.

        source: a URL or path, ``@connection``, or a connection.
        tables: names; all if left out.
        sample: about so many rows of tables of more than 5 million; None or ``"all"`` reads all.
        watch: is told the table, what is being done and rows read, where the workbench is in this process.
        options: those of `make`: ``schema``, ``seed``, ``everything``, ``show_personal``.
        """
        named = (tables,) if isinstance(tables, str) else tuple(tables)
        rows = None if sample == "all" else sample
        connection = connection_of(self.bus, source, project)
        with watched(watch):
            return self.make(connection, tables=named, sample_rows=rows, **options)

    def history(self, source: object, *, project: str = "default", limit: int = 50) -> Page[ProfileSummary]:
        """The profiles of a source, newest first. source: as of `of`."""
        return self.list(connection_of(self.bus, source, project), limit)

    def drift(self, before: object, after: object, *, project: str = "default", fail_on: Gate = "error") -> Drift:
        """What has changed from one profile to another.

        before, after: each a profile, its id, a file of `dms profile --json`, or a source, of which the newest profile is
            taken; a source without one is profiled now.
        fail_on: the severity from which on a change is too grave.
        """
        return drift_between(self.find(before, project=project), self.find(after, project=project), fail_on)

    def find(self, given: object, *, project: str = "default") -> DataProfile:
        """The profile that is meant, as `drift` takes it. Raises ProfileUnreadable, ProfileNotFound."""
        if isinstance(given, DataProfile):
            return given
        identity = str(getattr(given, "id", given))
        if isinstance(given, ProfileSummary) or PROFILE_ID.fullmatch(identity):
            return self.get(identity)
        if identity.endswith(".json") and Path(identity).is_file():
            return read_profile(identity)
        kept = self.history(given, project=project, limit=1)
        return self.get(kept[0].id) if len(kept) else self.of(given, project=project)


def read_profile(path: str) -> DataProfile:
    """The profile in a file. Raises ProfileUnreadable."""
    import json

    from pydantic import ValidationError

    from ...kernel.wire import adapter

    try:
        plain = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        if not isinstance(plain, dict) or plain.get("format") != FORMAT:
            raise ProfileUnreadable(path=path, reason=f"it does not say format: {FORMAT}.")
        found: DataProfile = adapter(DataProfile).validate_python({"summary": plain["summary"], "profile": plain})
    except OSError as error:
        raise ProfileUnreadable(path=path, reason=f"{error.strerror or type(error).__name__}.") from None
    except (ValueError, KeyError, ValidationError):
        raise ProfileUnreadable(path=path, reason="it is no profile as dms profile --json writes it.") from None
    return found
