"""The transform language: parse, check, compile to DuckDB's SQL, evaluate batch by batch."""

from .contract import Evaluated, Evaluator
from .errors import EvaluationFailed, InvalidExpression, InvalidLookup
from .evaluate import DuckEvaluator, compile_evaluator
from .joined import joined_columns
from .load import empty_lookup, load_lookups
from .lookups import LookupTable, lookup_of_values
from .pushing import PushedColumn, PushedDown, push_down
from .repairs import teach
from .select import CompiledSelect, compile_select
from .tables import create_lookup_table
from .types import input_type, result_type

__all__ = [
    "CompiledSelect",
    "DuckEvaluator",
    "Evaluated",
    "EvaluationFailed",
    "Evaluator",
    "InvalidExpression",
    "InvalidLookup",
    "LookupTable",
    "PushedColumn",
    "PushedDown",
    "compile_evaluator",
    "compile_select",
    "create_lookup_table",
    "empty_lookup",
    "input_type",
    "joined_columns",
    "load_lookups",
    "lookup_of_values",
    "push_down",
    "result_type",
    "teach",
]
