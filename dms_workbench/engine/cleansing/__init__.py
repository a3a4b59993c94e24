"""Cleansing: what is wrong with the values of a column, as expressions of a mapping file that are tried before they are offered."""

from .model import Cleansing, CleansingExample, Cleansings, NotCleansed
from .propose import propose_cleansings
from .write import into_mapping

__all__ = ["Cleansing", "CleansingExample", "Cleansings", "NotCleansed", "into_mapping", "propose_cleansings"]
