"""A tiny application behind the real server, run as a process by test_server.py.

Arguments: a JSON object of `Server` settings, and a file to which each request's id is appended when it reaches the
application. Writes its address to standard output once it listens.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse

from voc.app.server import Server

_journal = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """/item notes the body as an id; /length counts it; /slow takes its query in seconds; /big answers 3 MB."""
    body = environ["wsgi.input"].read()
    path = environ["PATH_INFO"]
    answer = b"pong"
    if path == "/item":
        os.write(_journal, body + b"\n")
        time.sleep(0.005)
        answer = body
    elif path == "/length":
        answer = str(len(body)).encode()
    elif path == "/slow":
        os.write(_journal, b"begun\n")
        time.sleep(float(environ["QUERY_STRING"]))
    elif path == "/big":
        answer = b"x" * 3_000_000
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(answer)))])
    return [answer]


def main() -> None:
    """Serve until SIGTERM."""
    server = Server(application, host="127.0.0.1", port=0, **json.loads(sys.argv[1]))
    signal.signal(signal.SIGTERM, lambda number, frame: server.stop())
    server.bind()
    sys.stdout.write(server.url + "\n")
    sys.stdout.flush()
    server.run()


if __name__ == "__main__":
    main()
