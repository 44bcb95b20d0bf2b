"""One connection during a turn: what it is asked next, and how it bears that."""

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial

from asgiref.sync import sync_to_async
from django.utils import timezone

from apps.core.sentences import Sentence
from apps.core.storable import storable
from apps.evals.asking import replies
from apps.evals.asking.gates import Gate
from apps.evals.asking.items import Group, Item, Row, Tokens
from apps.evals.asking.supply import InHand, Supply
from apps.evals.asking.writing import Change, News
from apps.evals.models import Answer, Run, Score
from apps.providers import pacing, registry
from apps.providers.retries import retry_interval
from apps.providers.types import Provider, ProviderError, ProviderUnavailable

logger = logging.getLogger(__name__)
PAGE = 100
FEW_LEFT = 8  # items in the queue below which more answers are looked for
SOME_NEW = 8  # answers that are worth a look for scores that wait
HOPELESS_AFTER = 3  # refusals in a row that concern more than one question
AWAY_AFTER = 16  # questions in a row to which a model was not there
LONGEST_REST = 5.0  # seconds that a turn waits for a crowd to pass
OF_THE_ACCOUNT = frozenset({401, 402, 429})  # of a ProviderError: key or credit
OF_THE_MODEL = frozenset({403, 404})

Put = Callable[[News | Change | Tokens], None]


class Lane:
    """The questions to one connection. `put` is told all that comes of them."""

    def __init__(self, supply: Supply, put: Put, *, rivals: int = 0) -> None:
        self.supply = supply
        self.gate = Gate(rivals=rivals)
        self.in_hand = InHand()
        self.is_dry = False
        self.closed_until: datetime | None = None
        self.closed_groups: dict[Group, datetime] = {}
        self._seen = -1  # how much had been written when it was dry
        self._put = put
        self._queue: deque[Item] = deque()
        self._opened = AsyncExitStack()
        self._provider: Provider | None = None
        self._in_a_row: Counter[tuple[Group, str]] = Counter()

    @property
    def is_idle(self) -> bool:
        return not self._queue and not self.gate.under_way

    def wants_more(self, written: int) -> bool:
        """Say whether it is worth to look for more."""
        if self.closed_until:
            return False
        if len(self._queue) >= FEW_LEFT:
            return bool(self.supply.graders) and written >= self._seen + SOME_NEW
        return not self.is_dry or written > self._seen

    async def fill(self, written: int) -> int:
        """Take what is due from the rows; return how much was known already."""
        room = PAGE if len(self._queue) < FEW_LEFT else 0
        take = partial(self.supply.page, room=room)
        page = await sync_to_async(take)(self.in_hand.copy(), [*self.closed_groups])
        self.is_dry, self._seen, self.closed_until = page.is_dry, written, page.closed_until
        for item in (*page.scores, *page.answers):
            for row in item.rows:
                self.in_hand.add(row)
        self._queue.extend(page.answers)
        self._queue.extendleft(reversed(page.scores))  # an answer without them says nothing yet
        return page.copied

    async def take(self) -> Item | None:
        """Return the next item if there is room for it; opens the connection for the first."""
        if not self._queue or self.gate.free <= 0:
            return None
        if self._provider is None and not await self._open():
            return None
        self.gate.under_way += 1
        return self._queue.popleft()

    async def ask(self, item: Item) -> None:
        """Ask, and tell what came of it, whatever happens."""
        assert self._provider is not None  # noqa: S101 - `take` opens it
        began = time.monotonic()
        try:
            await item.ask(self._provider, self._put)
        except ProviderError as refusal:
            self._refused(item, refusal)
        except ProviderUnavailable as refusal:
            self._not_now(item, refusal, began)
        except Exception:
            # One strange answer must not stop a run of thousands.
            logger.exception("Asking %s %s broke", *item.group)
            self._tell_all(item, partial(replies.failed, words=Sentence(replies.BROKEN)))
        else:
            self.gate.well()
            self._went_well(item.group)
        finally:
            self.gate.under_way -= 1

    def due_at(self) -> datetime | None:
        """Return when it is worth to come back; None when nothing here waits."""
        open_at = self.supply.next_due_at(self.closed_groups)
        moments = [*self.closed_groups.values(), *filter(None, [open_at])]
        if self.closed_until and moments:
            return self.closed_until
        return min(moments, default=None)

    async def close(self) -> None:
        """Let go of the provider. What is still in the queue stays due."""
        await self._opened.aclose()

    async def _open(self) -> bool:
        try:
            opening = registry.open_provider(self.supply.connection)
            self._provider = await self._opened.enter_async_context(opening)
        except ProviderError as refusal:  # its key cannot be used
            self._give_up(None, refusal)
            return False
        return True

    def _refused(self, item: Item, refusal: ProviderError) -> None:
        """Let the question fail; after some that concern all others, these as well."""
        if len(item.rows) > 1 and refusal.status not in OF_THE_ACCOUNT | OF_THE_MODEL:
            self._queue.extend(item.apart())  # one of them is at fault; the others are not
            return
        self._tell_all(item, partial(replies.after_refusal, refusal=refusal))
        self._in_a_row[item.group, "no"] += 1
        is_hopeless = self._in_a_row[item.group, "no"] >= HOPELESS_AFTER
        if is_hopeless and refusal.status in OF_THE_ACCOUNT:
            self._give_up(None, refusal)
        elif is_hopeless and refusal.status in OF_THE_MODEL:
            self._give_up(item.group, refusal)

    def _not_now(self, item: Item, refusal: ProviderUnavailable, began: float) -> None:
        """Put the question off; a provider in trouble is asked less, or not in this turn."""
        self._tell_all(item, partial(replies.after_refusal, refusal=refusal))
        if refusal.status == 429 or refusal.retry_after:
            self._crowded(refusal, began)
            return
        self.gate.trouble(began=began)
        self._in_a_row[item.group, "away"] += 1
        if self._in_a_row[item.group, "away"] >= AWAY_AFTER:
            row = item.rows[0]
            wait = retry_interval(row.attempts + 1)
            self._close(item.group, wait)

    def _crowded(self, refusal: ProviderUnavailable, began: float) -> None:
        """Ask nothing for a while; a long while is not waited for here."""
        self.gate.crowd(began=began, retry_after=refusal.retry_after)
        self._put(partial(pacing.note, self.supply.connection, 0, refusal))
        pause = self.gate.opens_at - time.monotonic()
        if pause > LONGEST_REST:
            self.closed_until = timezone.now() + timedelta(seconds=pause)
            self._drop(lambda _item: True)

    def _went_well(self, group: Group) -> None:
        for kind in ("no", "away"):
            self._in_a_row.pop((group, kind), None)

    def _close(self, group: Group, wait: timedelta) -> None:
        """Ask nothing more of a model in this turn."""
        self.closed_groups[group] = timezone.now() + wait
        self._drop(lambda each: each.group == group)

    def _give_up(self, group: Group | None, refusal: ProviderError) -> None:
        """Let everything fail that would be refused in the same words; None: all that is here."""
        self._drop(lambda each: group in (None, each.group))
        groups = [group] if group else None
        self._put(partial(_fail_waiting, self.supply, groups, refusal))

    def _drop(self, is_meant: Callable[[Item], bool]) -> None:
        for item in self._queue:
            if is_meant(item):
                for row in item.rows:
                    self.in_hand.remove(row)
        self._queue = deque(item for item in self._queue if not is_meant(item))

    def _tell_all(self, item: Item, columns: Callable[[Row], dict[str, object]]) -> None:
        for row in item.rows:
            self._put(News(row, columns(row)))


def _fail_waiting(supply: Supply, groups: Collection[Group] | None, refusal: ProviderError) -> None:
    """Write for all questions what was said to some: each would cost a call to hear it again."""
    run: Run = supply.run
    asked = groups if groups is not None else supply.groups
    candidates = [pk for kind, pk in asked if kind == "answer"]
    places = [place for kind, place in asked if kind == "score"]
    answers = Answer.objects.filter(run=run, candidate__in=candidates).waiting()
    answers.update(status=Answer.Status.FAILED, error=storable(refusal.words))
    scores = Score.objects.filter(answer__run=run, grader__in=places).waiting()
    scores.update(status=Score.Status.FAILED, why=storable(refusal.words))
