"""Type mapping between databases and DDL in dependency order."""
