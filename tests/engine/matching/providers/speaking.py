"""A server that speaks the protocol of language models, well or badly, over real sockets."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What the server does with one request."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait_seconds: float = 0.0
    drip_seconds: float = 0.0
    """Between single bytes of the body."""
    cut: bool = False
    """End before the length that was announced."""


@dataclass
class Speaker:
    """The server and what it was asked."""

    url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    def data(self, number: int) -> dict[str, Any]:
        """The user's message of a request."""
        return json.loads(self.requests[number]["messages"][1]["content"])


def said(content: Any, tokens: int | None = None) -> Reply:
    """A proper answer with this content, JSON or text."""
    text = content if isinstance(content, str) else json.dumps(content)
    answer: dict[str, Any] = {
        "object": "chat.completion",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
    }
    if tokens is not None:
        answer["usage"] = {"prompt_tokens": tokens - 1, "completion_tokens": 1, "total_tokens": tokens}
    return Reply(body=json.dumps(answer).encode())


def last_first(request: dict[str, Any]) -> Reply:
    """Every column's candidates from the last to the first."""
    data = json.loads(request["messages"][1]["content"])
    return said(
        {"columns": [{"column": each["column"], "order": [one["number"] for one in each["candidates"]][::-1]} for each in data["columns"]]},
        tokens=100,
    )  # fmt: skip


Script = Callable[[dict[str, Any]], Reply]


@contextmanager
def speaking(*scripts: Script | Reply) -> Iterator[Speaker]:
    """Run the server; each request gets the next script, the last one for ever."""
    speaker = Speaker("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            number = len(speaker.requests)
            speaker.requests.append(request)
            speaker.headers.append(dict(self.headers))
            speaker.paths.append(self.path)
            script = scripts[min(number, len(scripts) - 1)]
            self.reply(script if isinstance(script, Reply) else script(request))

        def reply(self, reply: Reply) -> None:
            time.sleep(reply.wait_seconds)
            try:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body) + (10 if reply.cut else 0)))
                self.end_headers()
                step = 1 if reply.drip_seconds else max(1, len(reply.body))
                for start in range(0, len(reply.body), step):
                    self.wfile.write(reply.body[start : start + step])
                    self.wfile.flush()
                    time.sleep(reply.drip_seconds)
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.close_connection = True

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    speaker.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield speaker
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
