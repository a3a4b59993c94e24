"""``wb.schemas``."""

from __future__ import annotations

from typing import Any

from ...kernel.errors import NotFound
from ...kernel.facade import Facade, operation
from .compare import CompareSchemas
from .compatibility import AssessCompatibility, CompatibilityReport, Watch, watched
from .differences import SchemaDiff
from .discover import DiscoverSchema, GetSnapshot, ListSnapshots
from .history import ExportSnapshot, ImportSnapshot, SchemaHistory
from .model import SchemaSnapshot
from .places import SNAPSHOT_ID, connection_of, place_of


class Schemas(Facade):
    """Read catalogues, keep their history, and compare them."""

    discover = operation(DiscoverSchema)
    get = operation(GetSnapshot)
    list = operation(ListSnapshots)
    history = operation(SchemaHistory)
    export = operation(ExportSnapshot)
    load = operation(ImportSnapshot)
    compare = operation(CompareSchemas)
    assess = operation(AssessCompatibility)

    def snapshot(self, place: object, *, schema: str | None = None, project: str = "default") -> SchemaSnapshot:
        """Read a database's catalogue and keep it; of a snapshot's id the snapshot as it is kept.

        place: a URL or path, ``@connection``, a connection, or the id of a snapshot.
        """
        if SNAPSHOT_ID.fullmatch(identity := str(getattr(place, "id", place))):
            try:
                return self.get(identity)
            except NotFound:
                return self.discover(identity, schema)
        return self.discover(connection_of(self.bus, place, project), schema)

    def diff(
        self, a: object, b: object, base: object | None = None, *, project: str = "default", **options: Any
    ) -> SchemaDiff:
        """Compare two schemas; the statements are for ``b``, to make it as ``a``.

        a, b: each a URL or path, ``@connection``, a snapshot or its id, or a snapshot file.
        base: an earlier state of both: each difference then says who has changed it.
        options: those of `compare`: ``source_schema``, ``target_schema``, ``read_values``, ``assume_renames``.
        """
        earlier = None if base is None else place_of(self.bus, base, project)
        return self.compare(place_of(self.bus, a, project), place_of(self.bus, b, project), earlier, **options)

    def compatibility(
        self, source: object, target: object, *, project: str = "default", watch: Watch | None = None, **options: Any
    ) -> CompatibilityReport:
        """Measure what a migration would do to every value, without writing.

        source, target: each a URL or path, ``@connection`` or a connection.
        watch: is called with the progress, where the workbench is in this process.
        options: those of `assess`: ``mapping_text``, ``tables``, ``sample_rows`` …
        """
        places = connection_of(self.bus, source, project), connection_of(self.bus, target, project)
        with watched(watch):
            return self.assess(*places, **options)
