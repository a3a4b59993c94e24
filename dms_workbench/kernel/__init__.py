"""How a use case is declared and sent; knows no database, no HTTP, no widget."""

from .lazy import lazily

lazily(__name__, "store")
