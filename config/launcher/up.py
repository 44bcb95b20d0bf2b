"""`./run`: starts everything, says where it is, and stays until it is told to stop."""

import asyncio
import signal
import socket
import time
from contextlib import ExitStack

from config.launcher import programs, static_files
from config.launcher.console import announce, say
from config.launcher.encodings import unpack_encodings
from config.launcher.installation import Installation
from config.launcher.leftovers import stop_leftovers
from config.launcher.lock import Lock
from config.launcher.one_shot import read_output
from config.launcher.ports import listen
from config.launcher.supervisor import Supervisor
from config.launcher.translations import compile_translations


def run(installation: Installation, *, began: float, is_cold: bool) -> None:
    """Start Retune and return when it has been stopped."""
    clock = Clock(began, is_cold=is_cold)
    installation.make_folder()
    lock = Lock(installation.lock_file)
    with lock.held(doing="starting"), ExitStack() as sockets:
        installation.prepare()
        sockets.callback(installation.tidy)
        stop_leftovers(installation.var)
        web = sockets.enter_context(listen(installation.host, installation.port, option="--port"))
        engine = sockets.enter_context(
            listen("127.0.0.1", installation.engine_port, option="--engine-port")
        )
        asyncio.run(Launch(installation, lock, clock).run(web, engine))


class Clock:
    """How long it has taken since the person pressed Enter."""

    def __init__(self, began: float, *, is_cold: bool) -> None:
        self._began = began
        self._last = time.time()
        self._kind = "cold" if is_cold else "warm"

    def phase(self, words: str) -> None:
        """Say that a part of the start is done, and how long that part took."""
        now = time.time()
        say("retune", f"{words} ({now - self._last:.1f} s)")
        self._last = now

    def total(self) -> str:
        return f"{self._kind} start: {time.time() - self._began:.1f} s"


class Launch:
    """One start of Retune, from the servers to the last good-bye."""

    def __init__(self, installation: Installation, lock: Lock, clock: Clock) -> None:
        self._installation = installation
        self._lock = lock
        self._clock = clock
        self._supervisor = Supervisor()

    async def run(self, web: socket.socket, engine: socket.socket) -> None:
        """Start, stay, stop."""
        stopping = _stop_signal(self._supervisor)
        starting = asyncio.create_task(self._start(web, engine))
        try:
            await asyncio.wait({stopping, starting}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                await starting
                await stopping
        finally:
            starting.cancel()
            await asyncio.wait({starting})
            await self._stop()

    async def _start(self, web: socket.socket, engine: socket.socket) -> None:
        await self._start_servers()
        await self._bring_up_to_date()
        await self._start_pages(web, engine)
        await self._supervisor.start(programs.background_programs(self._installation))
        await self._offer_set_up()

    async def _start_servers(self) -> None:
        servers = self._installation.servers
        for server in servers:
            server.prepare()
        await self._supervisor.start(
            [programs.server_program(server, self._installation) for server in servers]
        )
        if servers:
            self._clock.phase(" and ".join(server.name for server in servers) + " are ready")

    async def _bring_up_to_date(self) -> None:
        unpack_encodings(self._installation.encodings)
        compile_translations()
        commands = [["migrate", "--verbosity", "0"]]
        if not static_files.are_collected():
            commands.append(["collectstatic", "--noinput", "--verbosity", "0"])
        await self._supervisor.run_to_end(
            [programs.command_program(self._installation, *command) for command in commands]
        )
        static_files.remember_collected()
        self._clock.phase("database and pages are up to date")

    async def _start_pages(self, web: socket.socket, engine: socket.socket) -> None:
        await self._supervisor.start(
            [
                programs.web_program(self._installation, web),
                programs.engine_program(self._installation, engine),
            ]
        )
        self._clock.phase("web and engine answer")
        address = self._installation.public_url
        self._lock.say("running", address=address)
        announce(f"Retune is ready: {address}   ({self._clock.total()})", "Ctrl-C stops it.")

    async def _offer_set_up(self) -> None:
        command = programs.command_program(self._installation, "setup_link")
        if link := await read_output(command):
            announce("First, open this link once and choose your name and password:", link)

    async def _stop(self) -> None:
        say("retune", "stopping (Ctrl-C again: at once)")
        began = time.monotonic()
        await self._supervisor.stop()
        say("retune", f"stopped ({time.monotonic() - began:.1f} s)")


def _stop_signal(supervisor: Supervisor) -> asyncio.Future[None]:
    """Return a future that is done with the first stop signal; the second one kills."""
    loop = asyncio.get_running_loop()
    stopping: asyncio.Future[None] = loop.create_future()

    def on_signal() -> None:
        if stopping.done():
            supervisor.kill()
        else:
            stopping.set_result(None)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, on_signal)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup asks to outlive the terminal
        loop.add_signal_handler(signal.SIGHUP, on_signal)
    return stopping
