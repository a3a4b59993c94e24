"""One folder per database, the same file names in each; what a database can do is data."""
