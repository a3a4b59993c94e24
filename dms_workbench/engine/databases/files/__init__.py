"""CSV and Parquet files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..catalogue import DataType, TableName
from .capabilities import CAPABILITIES, qualified, quote
from .csv_text import Writing
from .ddl import FilesDdl
from .dialect import wishes_from
from .errors import FileOptionInvalid
from .location import Location, location_of
from .types import parse_type, render_type

if TYPE_CHECKING:
    from .read import FilesSource
    from .write import FilesTarget


class Files:
    """How to reach folders of files and how types are named there."""

    can = CAPABILITIES
    ddl = FilesDdl(quote, qualified)

    def open_source(self, url: str, *, options: Mapping[str, Any] | None = None) -> FilesSource:  # noqa: ARG002  of the form
        """Look at the files of a place."""
        from .read import FilesSource

        return FilesSource(location_of(url))

    def open_target(self, url: str, *, create: bool = True, options: Mapping[str, Any] | None = None) -> FilesTarget:  # noqa: ARG002
        """A folder to write to; it is made when the first table is."""
        from .write import FilesTarget

        location = location_of(url)
        return FilesTarget(location, writing_of(location))

    def parse_type(self, native: str) -> DataType:
        """See `types.parse_type`."""
        return parse_type(native)

    def render_type(self, type: DataType) -> str:
        """See `types.render_type`."""
        return render_type(type)

    def quote(self, name: str) -> str:
        """A name, quoted."""
        return quote(name)

    def qualified(self, table: TableName) -> str:
        """The table's name, quoted."""
        return qualified(table)


def writing_of(location: Location) -> Writing:
    """How CSV files are written, by the options of the URL. Raises FileOptionInvalid."""
    wishes = wishes_from(location.wishes, "the URL")
    if wishes.encoding not in (None, "utf-8"):
        raise FileOptionInvalid(option="encoding", where="a target", allowed="utf-8")
    if wishes.quote not in (None, '"') or wishes.escape not in (None, '"') or wishes.header is False:
        raise FileOptionInvalid(option="quote", where="a target", allowed='" (with a header, and quotes doubled)')
    return Writing(wishes.delimiter or ",", wishes.null or "")


database = Files()
