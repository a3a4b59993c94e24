"""What can go wrong with notebooks."""

from __future__ import annotations

from ...kernel.errors import Failed, UsageError


class NotebookUnreadable(UsageError, code="notebook-unreadable"):
    """{notebook} is not a notebook that can be read: {reason}"""


class NotebookNotParametrised(UsageError, code="notebook-not-parametrised"):
    """{notebook} takes no parameters: it has no cell with the tag "parameters"."""


class UnknownParameter(UsageError, code="unknown-parameter", next="Parameters it has: {known}"):
    """{notebook} has no parameter {name}.{nearest}"""


class WrongParameterType(UsageError, code="wrong-parameter-type"):
    """Parameter {name} of {notebook} is {expected}; given was {given}."""


class ParameterNotPlain(UsageError, code="parameter-not-plain"):
    """Parameter {name} must be a plain value: text, number, yes or no, nothing, or a list or object of them."""


class SecretInParameter(
    UsageError, code="secret-in-parameter", next="dms connections create PROJECT NAME --url URL, then give @NAME"
):
    """Parameter {name} holds a password, and parameters are written into the notebook for everybody to read."""


class MappingUnreadable(UsageError, code="mapping-unreadable"):
    """The mapping file {path} cannot be read: {reason}"""


class CellFailed(Failed, code="cell-failed", next="Open {output} to see what it printed."):
    """{place} of {notebook} failed: {fault}"""


class CellTooSlow(Failed, code="cell-too-slow", next="Open {output} to see how far it came."):
    """A cell of {notebook} took more than {seconds} s."""


class KernelEnded(Failed, code="kernel-ended", next="Open {output} to see how far it came."):
    """The kernel that executed {notebook} ended before the notebook did."""


class RunNotAccepted(Failed, code="run-not-accepted", next="dms status {run_id}"):
    """Run {run_id} ended as {status}, which this notebook does not accept ({accepted}).{reason}"""
