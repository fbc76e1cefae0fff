"""A real HTTP server on loopback that misbehaves as its script says."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers each request with the next reply of its server's script."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        server: Any = self.server
        with server.lock:
            server.requests.append((self.path, dict(self.headers), json.loads(body)))
            script = server.script
            reply = script.pop(0) if len(script) > 1 else script[0]
        try:
            reply(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client left, as it should

    def say(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Scripted:
    """A real HTTP server on loopback that says what its script says; the last reply repeats."""

    def __init__(self, *script: Reply) -> None:
        self.server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.script, self.server.requests = list(script), []
        self.server.lock = threading.Lock()
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    @property
    def requests(self) -> list[tuple[str, dict[str, str], Any]]:
        return self.server.requests

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
