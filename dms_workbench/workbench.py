"""The workbench: one attribute for each feature, one method for each use case, the same embedded and remote."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from .features import audit as audit_feature
from .features.access import local_caller
from .features.access.facade import Access
from .features.audit.facade import Audit
from .features.connections.facade import Connections
from .features.mappings.facade import Mappings
from .features.plans.facade import Plans
from .features.profiles.facade import Profiles
from .features.projects.facade import Projects
from .features.runs import EmbeddedBus
from .features.runs.facade import Runs
from .features.schemas.facade import Schemas
from .features.transforms.facade import Transforms
from .kernel import store
from .kernel.bus import Bus, LocalBus
from .kernel.context import Caller
from .kernel.errors import Refused
from .kernel.facade import facades
from .kernel.lazy import load_all
from .kernel.secrets import Secret

if TYPE_CHECKING:
    from types import TracebackType

URI_VARIABLE = "DMS_WORKBENCH_URI"
TOKEN_VARIABLE = "DMS_WORKBENCH_TOKEN"  # noqa: S105  the name of a variable
SERVICE_SCHEMES = ("http://", "https://")
SHARED_SCHEMES = ("postgresql:", "postgresql+", "postgres:")


class SharedStoreRefused(Refused, code="shared-store-refused"):
    """A shared store is reached through its service, which checks who you are. Use its https:// address.

    If you alone use this store, write Workbench(url, single_user=True).
    """


class Workbench:
    """Everything the workbench can do, for one person on one store.

    The attributes are the features. A new one needs its import above and one line here.
    """

    access: Access
    audit: Audit
    connections: Connections
    mappings: Mappings
    plans: Plans
    profiles: Profiles
    projects: Projects
    runs: Runs
    schemas: Schemas
    transforms: Transforms

    def __init__(self, uri: str | None = None, *, token: str | None = None, single_user: bool = False) -> None:
        """Open the store in the data folder, another store, or a service.

        uri: ``https://service``, ``sqlite:///file`` or ``postgresql://…``; None for the environment variable
            DMS_WORKBENCH_URI, and without it for the SQLite file in the data folder (DMS_HOME moves that).
        token: for a service; None for the environment variable DMS_WORKBENCH_TOKEN.
        single_user: open a PostgreSQL store directly, as the administrator of the organisation ``local``.

        Raises SharedStoreRefused, StoreUnavailable, StoreTooNew, UnknownStore, ServiceUnreachable, NotSignedIn.
        """
        where = uri or os.environ.get(URI_VARIABLE)
        if where is not None and where.startswith(SERVICE_SCHEMES):
            self._use(remote_bus(where, token))
            return
        if where is not None and where.startswith(SHARED_SCHEMES) and not single_user:
            raise SharedStoreRefused
        opened = open_store(where)
        self._use(embedded_bus(opened, local_caller(opened)))

    @classmethod
    def over(cls, bus: Bus) -> Workbench:
        """A workbench over a bus that is there already, as the service and the worker use it."""
        workbench = cls.__new__(cls)
        workbench._use(bus)
        return workbench

    def _use(self, bus: Bus) -> None:
        self.bus = bus
        for name, facade in facades(type(self)).items():
            setattr(self, name, facade(bus))

    def close(self) -> None:
        """Close the connections to the store or service."""
        if isinstance(self.bus, LocalBus):
            self.bus.store.close()
        elif hasattr(self.bus, "close"):
            self.bus.close()

    def __enter__(self) -> Workbench:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Workbench on {self.where}: {', '.join(facades(type(self)))}>"

    @property
    def where(self) -> str:
        """The store or service, without password."""
        return self.bus.store.name if isinstance(self.bus, LocalBus) else str(self.bus)


def open_store(uri: str | None = None) -> store.Store:
    """The store, opened and brought to this release's version. None for the file in the data folder."""
    load_all()
    return store.Store.open(uri)


def local_bus(opened: store.Store, caller: Caller) -> LocalBus:
    """A bus that handles messages here, for a caller."""
    return LocalBus(opened, caller, record=audit_feature.record)


def embedded_bus(opened: store.Store, caller: Caller) -> EmbeddedBus:
    """A local bus that starts a worker process where a queued run needs one."""
    return EmbeddedBus(opened, caller, record=audit_feature.record)


def remote_bus(address: str, token: str | None) -> Bus:
    """A bus that sends messages to a service."""
    from .remote import RemoteBus

    return RemoteBus(address, Secret(token or os.environ.get(TOKEN_VARIABLE, "")))
