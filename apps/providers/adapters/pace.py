"""Takes what arrives less often while very many answers arrive, so that pages are not held up.

What costs is each taking and sending on, not how much there is of it; and nobody sees the
difference between one word every 50 ms and two words every 100 ms.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable

MANY = 250  # answers that arrive in this process at the same time
BEAT_SECONDS = 0.1
FIRST_PARTS = 8  # of each answer are taken at once: somebody waits for its first words

_arriving: set[object] = set()


async def paced(parts: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
    """Yield each part at once, or rest a beat after it while there are many answers.

    The source has to gather what arrives meanwhile: that is the next part.
    """
    answer, taken = object(), 0
    _arriving.add(answer)
    try:
        async for part in parts:
            yield part
            taken += 1
            if taken >= FIRST_PARTS and len(_arriving) > MANY:
                await asyncio.sleep(BEAT_SECONDS)
    finally:
        _arriving.discard(answer)
