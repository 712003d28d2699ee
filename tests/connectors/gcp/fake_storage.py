"""A small Cloud Storage: lists objects and hands them out, over the JSON protocol."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

_PAGE = 2


@dataclass(kw_only=True)
class FakeStorage:
    """One bucket.

    Attributes:
        url: of the server.
        objects: name to content.
        downloads: names that were handed out, in order.
        refuse: status to answer every call with.
    """

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    downloads: list[str] = field(default_factory=list)
    refuse: int | None = None

    def listed(self, prefix: str, token: str) -> dict[str, object]:
        """A page of the objects below a prefix."""
        names = sorted(name for name in self.objects if name.startswith(prefix))
        first = int(token or 0)
        items = [self._described(name) for name in names[first : first + _PAGE]]
        more = {"nextPageToken": str(first + _PAGE)} if first + _PAGE < len(names) else {}
        return {"kind": "storage#objects", "items": items, **more}

    def _described(self, name: str) -> dict[str, object]:
        content = self.objects[name]
        digest = base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
        return {"name": name, "bucket": "bills", "size": str(len(content)), "md5Hash": digest, "generation": "1"}


@contextmanager
def serving() -> Iterator[FakeStorage]:
    """A server on a free port of this machine."""
    fake = FakeStorage()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            _, found, name = parts.path.rpartition("/o/")
            if fake.refuse:
                self._answer(json.dumps({"error": {"code": fake.refuse, "message": "no"}}).encode(), fake.refuse)
            elif not found:
                self._answer(json.dumps(fake.listed(asked.get("prefix", ""), asked.get("pageToken", ""))).encode())
            else:
                fake.downloads.append(unquote(name))
                self._answer(fake.objects[unquote(name)])

        def _answer(self, content: bytes, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Nothing: a test's output is its own."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
