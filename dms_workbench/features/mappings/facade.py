"""``wb.mappings``."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...engine.databases.errors import FileMissing, SchemaMissing
from ...kernel.errors import NotPermitted
from ...kernel.facade import Facade, operation
from ..projects import EnsureProject
from ..schemas import DiscoverSchema, connection_of
from .accepting import SuggestionList, dictionary_text, lasting
from .check import CheckMapping, DefaultMapping
from .compare import CompareMappings, MappingDiff, MergeMappings
from .dictionary import ShippedDictionary
from .edit import EditMapping
from .memory import ExportMemory, ForgetImportedMemory, ForgetMemory, ImportMemory, ListMemory, ShareMemory
from .model import MappingCheck
from .providers import parsed, places_named
from .rebase import RebasedMapping, RebaseMapping
from .save import GetMapping, ListMappings, ListMappingVersions, SaveMapping
from .sheet import ExportMappingSheet, ImportedSheet, ImportMappingSheet, MappingSheet
from .suggest import SuggestedMapping, SuggestMapping
from .suggest_by_values import SuggestMappingByValues
from .templates import BeginMapping, BegunMapping, GetMappingTemplate, ListMappingTemplates, MakeMappingTemplate


class Mappings(Facade):
    """Keep versions of mapping files, check them, and suggest them."""

    save = operation(SaveMapping)
    get = operation(GetMapping)
    list = operation(ListMappings)
    versions = operation(ListMappingVersions)
    check = operation(CheckMapping)
    default = operation(DefaultMapping)
    compare = operation(CompareMappings)
    merge = operation(MergeMappings)
    edit = operation(EditMapping)
    propose = operation(SuggestMapping)
    propose_by_values = operation(SuggestMappingByValues)
    dictionary = operation(ShippedDictionary)
    memory = operation(ListMemory)
    memory_share = operation(ShareMemory)
    memory_forget = operation(ForgetMemory)
    memory_export = operation(ExportMemory)
    memory_import = operation(ImportMemory)
    memory_forget_import = operation(ForgetImportedMemory)
    export_sheet = operation(ExportMappingSheet)
    import_sheet = operation(ImportMappingSheet)
    rebase = operation(RebaseMapping)
    templates = operation(ListMappingTemplates)
    template = operation(GetMappingTemplate)
    make_template = operation(MakeMappingTemplate)
    begin = operation(BeginMapping)

    def suggest(
        self,
        source: object,
        target: object,
        *,
        project: str = "default",
        values: bool = False,
        providers: Sequence[str] = (),
        dictionary: str | Path | None = None,
        **options: Any,
    ) -> SuggestionList:
        """Suggest what each column of the target is made of; nothing is written, and no row is read unless `values` is true.

        source, target: each a URL or path, ``@connection`` or a connection.
        values: look at some rows of both, too; they confirm a suggestion or speak against it.
        providers: ``embeddings`` and ``llm`` as they are set up, or ``embeddings:FOLDER``, ``llm:URL``.
        dictionary: a file of abbreviations and synonyms of one's own, beside the shipped ones.
        options: those of `propose` (with values, of `propose_by_values`): ``min_confidence``, ``mapping_text`` …

            found = wb.mappings.suggest("legacy.sqlite", "@new").accept("orders.total").accept_all(0.95)
            found.open_columns
        """
        names, places_given = parsed(providers)
        places = connection_of(self.bus, source, project), connection_of(self.bus, target, project)
        send: Any = self.propose_by_values if values else self.propose
        if dictionary is not None:
            options["dictionary_text"] = dictionary_text(dictionary)
        options.setdefault("project_id", self.bus.send(EnsureProject(project)).id)

        def ask(**decisions: Any) -> SuggestedMapping:
            with places_named(places_given, self.bus):
                found: SuggestedMapping = send(*places, providers=names, **{**lasting(options), **decisions})
                return found

        with places_named(places_given, self.bus):
            return SuggestionList.of(send(*places, providers=names, **options), ask)

    def diff(self, first: object, second: object, *, project: str = "default") -> MappingDiff:
        """What is different between two versions of a mapping; order, layout and comments do not count.

        first, second: each a mapping file's path, ``name@sha`` (or ``name@`` for the newest) of a saved version, a version,
        or the text itself.
        """
        from .named import text_of

        (one, one_text), (other, other_text) = (text_of(self.bus, each, project) for each in (first, second))
        return self.compare(one_text, other_text, one, other)

    def sheet(
        self, text: str, source: object, target: object, *, project: str = "default", **options: Any
    ) -> MappingSheet:
        """A mapping as a sheet to work in; ``.content`` are the bytes of the file.

        text: the content of the mapping file. source, target: each a URL or path, ``@connection`` or a connection.
        options: those of `export_sheet`: ``form``, ``delimiter``, ``bom``, ``source_schema``, ``target_schema``.

            Path("shop.xlsx").write_bytes(wb.mappings.sheet(text, "@old", "@new").content)
        """
        places = connection_of(self.bus, source, project), connection_of(self.bus, target, project)
        return self.export_sheet(*places, text, **options)

    def fill_in(
        self,
        text: str,
        content: bytes,
        *,
        source: object | None = None,
        target: object | None = None,
        project: str = "default",
        **options: Any,
    ) -> ImportedSheet:
        """What was filled in in a sheet, as a mapping file again; every changed cell is in ``.changes``.

        text: the content of the mapping file as it is now. content: the bytes of the sheet's file.
        source, target: check names and rules against them; each a URL or path, ``@connection`` or a connection.
        options: ``source_schema``, ``target_schema``.
        """
        from base64 import b64encode

        places = [None if each is None else connection_of(self.bus, each, project) for each in (source, target)]
        return self.import_sheet(text, b64encode(content).decode(), *places, **options)

    def validate(
        self, text: str, source: object, target: object, *, project: str = "default", **options: Any
    ) -> MappingCheck:
        """Compare a mapping with both databases; ``.findings`` keep it from working, ``.open`` waits for a decision.

        text: the content of the mapping file. source, target: each a URL or path, ``@connection`` or a connection.
        options: ``source_schema``, ``target_schema``.

            wb.mappings.validate(Path("shop.mapping.yaml").read_text(), "@old", "@new").ok
        """
        places = connection_of(self.bus, source, project), connection_of(self.bus, target, project)
        return self.check(*places, text, **options)

    def adapt(
        self, text: str, source: object, target: object, *, project: str = "default", **options: Any
    ) -> RebasedMapping:
        """Take a mapping to its schemas as they are now, and keep these in the history for the next time.

        text: the content of the mapping file. source, target: each a URL or path, ``@connection`` or a connection.
        options: ``source_schema``, ``target_schema``.
        """
        places = connection_of(self.bus, source, project), connection_of(self.bus, target, project)
        self.remember(places, options)
        return self.rebase(*places, text, **options)

    def new(
        self, name: str, source: object, target: object, *, project: str = "default", **options: Any
    ) -> BegunMapping:
        """Begin a mapping with a template, and keep both schemas in the history, so that later changes are seen.

        name: what the mapping is called. source, target: each a URL or path, ``@connection`` or a connection.
        options: those of `begin`: ``template``, ``template_text``, ``source_schema``, ``target_schema``.
        """
        places = connection_of(self.bus, source, project), connection_of(self.bus, target, project)
        self.remember(places, options)
        return self.begin(*places, name, **options)

    def remember(self, places: tuple[str, str], options: dict[str, Any]) -> None:
        """Keep both schemas as they are, where they can be read and the caller may."""
        for place, schema in zip(places, (options.get("source_schema"), options.get("target_schema")), strict=True):
            with suppress(NotPermitted, FileMissing, SchemaMissing):
                self.bus.send(DiscoverSchema(place, schema))
