"""The processes that Retune consists of, and how each is run."""

import socket
import sys

from config.launcher import health
from config.launcher.children import Program
from config.launcher.embedded import Server
from config.launcher.installation import Installation
from config.launcher.leftovers import MARK

UVICORN = ["--lifespan", "off", "--timeout-graceful-shutdown", "3", "--no-access-log"]
# Root may start Retune, in a container for example; Celery need not warn of it each time.
ROOT_IS_FINE = ["-W", "ignore:You're running the worker with superuser privileges"]
CELERY = [sys.executable, *ROOT_IS_FINE, "-m", "celery", "--quiet", "-A", "config"]

POLLERS = 2  # ticks are short; the second one goes on while the first waits for a slow provider


def server_program(server: Server, installation: Installation) -> Program:
    """Run an embedded server."""

    async def is_ready() -> bool:
        return server.is_ready()

    return Program(
        name=server.name,
        command=server.command(),
        environment=_environment(installation),
        is_ready=is_ready,
        stop_signal=server.stop_signal,
        stop_seconds=30,
    )


def command_program(installation: Installation, *arguments: str) -> Program:
    """Run a command of manage.py."""
    return Program(
        name=arguments[0],
        command=[sys.executable, "manage.py", *arguments],
        environment=_environment(installation),
    )


def web_program(installation: Installation, listener: socket.socket) -> Program:
    """Serve the pages."""
    return _asgi_program("web", "config.asgi", installation, listener)


def engine_program(installation: Installation, listener: socket.socket) -> Program:
    """Serve the training engine's `/v1`."""
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings_engine"}
    return _asgi_program("engine", "config.engine_asgi", installation, listener, **settings)


def background_programs(installation: Installation) -> list[Program]:
    """Work, tick and train, with no door of their own."""
    environment = _environment(installation)
    one_thread = {"OPENBLAS_NUM_THREADS": "1"}  # more only stand in each other's way here
    schedule = ["--schedule", str(installation.var / "beat-schedule"), "--pidfile="]
    return [
        Program("worker", _worker("celery", installation.worker_concurrency), environment),
        Program("poller", _worker("ticks", POLLERS), environment),
        Program("beat", [*CELERY, "beat", *schedule, "--loglevel", "INFO"], environment),
        Program("trainer", [sys.executable, "manage.py", "trainer"], environment | one_thread),
    ]


def _worker(queue: str, concurrency: int) -> list[str]:
    name = ["--hostname", f"{queue}@%h", "--queues", queue, "--concurrency", str(concurrency)]
    quick_start = ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    return [*CELERY, "worker", *name, *quick_start]


def _environment(installation: Installation) -> dict[str, str]:
    return installation.environment() | {MARK: str(installation.var)}


def _asgi_program(
    name: str, module: str, installation: Installation, listener: socket.socket, **more: str
) -> Program:
    environment = _environment(installation) | more
    known_as = health.known_host(environment)
    host, port = _reachable(listener)

    async def is_ready() -> bool:
        return await health.is_healthy(host, port, known_as=known_as)

    uvicorn = [sys.executable, "-m", "uvicorn", f"{module}:application"]
    return Program(
        name=name,
        command=[*uvicorn, "--fd", str(listener.fileno()), *UVICORN],
        environment=environment,
        is_ready=is_ready,
        listener=listener.fileno(),
    )


def _reachable(listener: socket.socket) -> tuple[str, int]:
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104
