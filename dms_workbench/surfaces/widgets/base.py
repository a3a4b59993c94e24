"""What every widget of the workbench has in common: its bundle, and an answer to everything its page sends.

page                                   kernel
{id, name, fields}      ------------>  in `sends`? valid? -> the workbench's bus, under the user's own permissions
{id, result} or         <------------  always one of the two
{id, error}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import anywidget
import traitlets

from ...kernel.errors import UsageError, WorkbenchError
from ...kernel.messages import Message
from ...kernel.wire import to_plain, validate
from .bundles import bundle

if TYPE_CHECKING:
    from ...workbench import Workbench

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class NotSentByThisWidget(UsageError, code="not-sent-by-this-widget"):
    """{widget} does not send {name}; it sends {allowed}."""


class WidgetFault(WorkbenchError, code="widget-fault", safe="", next="dms doctor"):
    """The kernel could not carry out {name}: an unexpected {fault}."""


class WorkbenchWidget(anywidget.AnyWidget):
    """A widget whose page sends messages to the workbench.

    bundle: the name of its JavaScript and CSS in ``static``; sends: the messages its page may send, no others.
    """

    bundle: ClassVar[str] = ""
    sends: ClassVar[tuple[type[Message[Any]], ...]] = ()

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)

    def __init__(self, workbench: Workbench, **traits: Any) -> None:
        script, style = bundle(type(self).bundle)
        super().__init__(_esm=script, _css=style, **traits)
        self.workbench = workbench
        self.on_msg(self._on_message)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def open(self) -> None:
        """Open the connection to the page; its messages are handled at once even while a cell is running.

        JupyterLab sends them to a thread of the kernel that is free (a subshell), but ipykernel 7.4 turns them over to
        the thread that wrote to the page last, which is the one busy with the cell.
        """
        super().open()
        if self.comm is not None:
            self.comm._reply_subshell_for = None

    def after(self, message: Message[Any]) -> None:
        """Called when a message of the page has been carried out; for a widget that shows what it changed."""

    def answer(self, content: object) -> dict[str, Any]:
        """Carry out what the page sent; the answer is its result or its error, never an exception.

        content: ``{id, name, fields}``. Returns ``{id, result}`` or ``{id, error: {code, message, safe, next, …}}``.
        """
        request = content if isinstance(content, dict) else {}
        name = str(request.get("name"))
        try:
            return {"id": request.get("id"), "result": self._carry_out(name, request.get("fields"))}
        except WorkbenchError as error:
            return {"id": request.get("id"), "error": error.as_dict()}
        except Exception as error:  # noqa: BLE001  # the page waits: it gets the kind of fault, never values
            return {"id": request.get("id"), "error": WidgetFault(name=name, fault=type(error).__name__).as_dict()}

    def _carry_out(self, name: str, fields: object) -> Any:
        kind = next((kind for kind in self.sends if kind.__name__ == name), None)
        if kind is None:
            allowed = ", ".join(kind.__name__ for kind in self.sends) or "nothing"
            raise NotSentByThisWidget(widget=type(self).__name__, name=name, allowed=allowed)
        message = validate(kind, dict(fields) if isinstance(fields, dict) else {})
        result = self.workbench.bus.send(message)
        self.after(message)
        return to_plain(result, kind.use_case.result)

    def _on_message(self, _widget: object, content: object, _buffers: object) -> None:
        self.send(self.answer(content))

    def _repr_mimebundle_(self, **_options: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {WIDGET_VIEW: view, "text/plain": repr(self)}, {}
