"""How fast a file comes in through the upload of the browser, beside the least a server can do.

    .venv/bin/python benchmarks/upload.py [--megabytes 512] [--rounds 3]

Two uvicorn processes with the same options, in turn: one only writes the body of a PUT to a file
(`upload_sink.py`), the other is Retune's web process, signed in, with its hash, its row and
fsync. A third way breaks off in the middle and goes on from there, as after a lost connection. All
files are in memory (/dev/shm), so no disk hides what the processes cost. The client sends from a
file by sendfile. Memory is the peak of the process above what it used before the upload.
"""

import argparse
import hashlib
import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import web_process  # noqa: E402
from benchmarks.web_process import MIB, WebProcess  # noqa: E402

GOAL_SHARE, GOAL_MIB = 0.5, 32
BUSY = b"409"
TOKEN = "a" * 32  # CSRF: the cookie and the header have to be equal
LINE = (
    b'{"messages": [{"role": "user", "content": "%08d"}, {"role": "assistant", "content": "%s"}]}\n'
)


@dataclass
class Upload:
    """One upload: what it took of the process that received it."""

    name: str
    size: int
    seconds: float
    cpu_seconds: float
    added_mib: float

    @property
    def rate(self) -> float:
        return self.size / self.seconds / 1e6

    def line(self) -> str:
        cpu, memory = f"{self.cpu_seconds:.2f} s", f"{self.added_mib:.1f} MiB"
        return f"{self.name:<38}{self.rate:>8.0f} MB/s{cpu:>10}{memory:>12}"


@dataclass
class Client:
    """Who sends: one file, in requests of one connection each."""

    port: int
    file: BinaryIO
    cookie: str = ""

    def put(self, path: str, *, offset: int = 0, count: int | None = None) -> dict[str, object]:
        """Send the file from an offset on. With a count, hang up after so many bytes."""
        size = os.fstat(self.file.fileno()).st_size
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(self._head("PUT", path, size - offset))
            connection.sendfile(self.file, offset, count)
            if count is not None:
                return {}
            return _answer(connection)

    def get(self, path: str) -> dict[str, object]:
        with socket.create_connection(("127.0.0.1", self.port)) as connection:
            connection.sendall(self._head("GET", path, 0))
            return _answer(connection)

    def _head(self, method: str, path: str, length: int) -> bytes:
        lines = [
            f"{method} {path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Connection: close",
            f"Content-Length: {length}",
            f"Cookie: sessionid={self.cookie}; csrftoken={TOKEN}",
            f"X-CSRFToken: {TOKEN}",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _answer(connection: socket.socket) -> dict[str, object]:
    got = b""
    while part := connection.recv(65536):
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    if not body or head.split()[1] not in (b"200", b"201", BUSY):
        raise SystemExit(f"The upload was answered {got[:300]!r}")
    found: dict[str, object] = json.loads(body)
    return found


def measured(name: str, web: WebProcess, size: int, send: Callable[[], None]) -> Upload:
    """Let one file be sent, and see what the process used meanwhile."""
    before, cpu = web.memory_mib(), web.cpu_seconds()
    web.forget_peak()
    began = time.perf_counter()
    send()
    seconds = time.perf_counter() - began
    added = web.memory_mib("VmHWM") - before
    return Upload(name, size, seconds, web.cpu_seconds() - cpu, added)


def send_whole(client: Client, path: str) -> None:
    client.put(path)


def send_in_two(client: Client, size: int) -> None:
    """Hang up in the middle, ask how much is there, and send the rest."""
    path = f"/datasets/upload/{uuid4()}/"
    client.put(f"{path}?filename=two.jsonl&offset=0&size={size}", count=size // 2)
    answer: dict[str, object] = {}
    while "url" not in answer:  # the server hears a moment later that the line was lost
        received = int(str(client.get(path)["received"]))
        with suppress(ConnectionError):
            address = f"{path}?filename=two.jsonl&offset={received}&size={size}"
            answer = client.put(address, offset=received)


def write_file(file: BinaryIO, size: int) -> str:
    """Write lines until there are enough bytes; return their SHA-256."""
    digest, written, number = hashlib.sha256(), 0, 0
    while written < size:
        block = b"".join(LINE % (n, b"word " * 20) for n in range(number, number + 5_000))
        block, number = block[: size - written], number + 5_000
        digest.update(block)
        written += file.write(block)
    file.flush()
    return digest.hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=512, help="size of the file, in MiB")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ["MAX_UPLOAD_BYTES"] = str(options.megabytes * MIB)
    from tests.services import services  # starts PostgreSQL and Valkey for this run

    try:
        web_process.prepare()
        with tempfile.TemporaryFile(dir=os.environ["TMPDIR"]) as file:
            compare(file, options.megabytes * MIB, options.rounds)
    finally:
        services.stop()


def compare(file: BinaryIO, size: int, rounds: int) -> None:
    """Print the ways one below the other, each at its best, and check what has arrived."""
    from apps.datasets.models import Version

    digest = write_file(file, size)
    found: list[Upload] = []
    with (
        web_process.running("benchmarks.upload_sink:application", "/") as sink,
        web_process.running("config.asgi:application") as web,
    ):
        bare, ours = Client(sink.port, file), Client(web.port, file, signed_in())
        ways: list[tuple[str, WebProcess, Callable[[], None]]] = [
            ("PUT into a file, nothing else", sink, lambda: send_whole(bare, "/")),
            ("Retune", web, lambda: send_whole(ours, whole_path(size))),
            ("Retune, broken off and continued", web, lambda: send_in_two(ours, size)),
        ]
        print(f"{size / 1e6:.0f} MB; best of {rounds}; memory: the most of them")
        for name, process, send in ways:
            each = [measured(name, process, size, send) for _ in range(rounds)]
            best = min(each, key=lambda upload: upload.seconds)
            best.added_mib = max(upload.added_mib for upload in each)
            found.append(best)
            print(best.line(), flush=True)
            forget_files()
    arrived = set(Version.objects.values_list("sha256", "size_bytes"))
    assert arrived == {(digest, size)}, "other bytes have arrived"
    share, most = found[1].rate / found[0].rate, max(found[1].added_mib, found[2].added_mib)
    print(f"Retune is at {share:.0%} of the bare PUT (goal {GOAL_SHARE:.0%}).")
    print(f"It used {most:.1f} MiB more than before (goal {GOAL_MIB} MiB).")


def whole_path(size: int) -> str:
    return f"/datasets/upload/{uuid4()}/?filename=whole.jsonl&offset=0&size={size}"


def signed_in() -> str:
    """Make a person; return the cookie of their session."""
    from django.test import Client as Browser

    from tests.factories import make_membership

    browser = Browser()
    browser.force_login(make_membership().user)
    return browser.cookies["sessionid"].value


def forget_files() -> None:
    """Remove what has arrived: many of these would fill the memory."""
    from apps.datasets import storage

    for path in storage.folder().iterdir():
        path.unlink()


if __name__ == "__main__":
    main()
