"""All of Retune's processes together: started in order, stopped in the opposite order."""

import asyncio
from collections.abc import Sequence

from config.launcher.children import Child, Program
from config.launcher.errors import CannotStart
from config.launcher.one_shot import run_to_end

READY_SECONDS = 60.0


class Supervisor:
    """Keeps groups of programs running; a later group may use an earlier one."""

    def __init__(self) -> None:
        self._groups: list[list[Child]] = []

    async def start(self, programs: Sequence[Program]) -> None:
        """Start the programs side by side, and wait for those that can say they are ready."""
        group = [Child(program) for program in programs]
        self._groups.append(group)
        waiting = [child.wait_until_ready(seconds=READY_SECONDS) for child in group if _asks(child)]
        await asyncio.gather(*waiting)

    async def run_to_end(self, programs: Sequence[Program]) -> None:
        """Run commands side by side; all of them must succeed."""
        codes = await asyncio.gather(*(run_to_end(program) for program in programs))
        for program, code in zip(programs, codes, strict=True):
            if code:
                raise CannotStart(f"{program.name} failed: see its lines above.")

    async def stop(self) -> None:
        """Stop the youngest group first, so that no program misses a server."""
        for group in reversed(self._groups):
            await asyncio.gather(*(child.stop() for child in group))

    def kill(self) -> None:
        """End everything at once."""
        for group in self._groups:
            for child in group:
                child.kill()


def _asks(child: Child) -> bool:
    return child.program.is_ready is not None
