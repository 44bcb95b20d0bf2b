"""Keeps training going: claims jobs, has their files judged, and looks after the child that trains.

One trainer trains one job at a time; more trainers, on this machine or others that share the
database and DATA_DIR, train more jobs.
"""

import logging
import signal
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Event

from django.db import Error, connection
from django.utils import timezone
from redis.exceptions import RedisError

from apps.core import heartbeat
from apps.engine import lifecycle
from apps.engine.models import JobStatus
from apps.engine.trainer.housekeeping import remove_leftovers
from apps.engine.trainer.process import Child
from apps.engine.trainer.validation import validate

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 0.4
RENEWAL = timedelta(seconds=2)


class Trainer:
    """One supervisor with at most one training child and one file check at a time."""

    def __init__(self) -> None:
        self.stopping = Event()
        self._renewed_at = timezone.now() - RENEWAL
        self._child: Child | None = None
        self._check: tuple[uuid.UUID, Future[None]] | None = None
        self._checker = ThreadPoolExecutor(1, thread_name_prefix="check")

    def run(self) -> None:
        """Work until told to stop; then let the child save, and give its job back."""
        for stop_signal in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop_signal, lambda *_: self.stopping.set())
        while not self.stopping.is_set():
            try:
                self.look(timezone.now())
            except Error as error:  # the database is away; the child notices for itself
                logger.warning("The trainer cannot reach its database: %s", error)
                connection.close()
            self.stopping.wait(SECONDS_BETWEEN_LOOKS)
        self._stop()

    def look(self, now: datetime) -> None:
        """Do whatever is due."""
        if now - self._renewed_at >= RENEWAL:
            self._renew(now)
        self._look_after_check(now)
        self._look_after_child(now)

    def _renew(self, now: datetime) -> None:
        """Keep what this trainer works on, and say that it is there."""
        claims = [self._child.claim] if self._child else []
        claims += [self._check[0]] if self._check else []
        if claims:
            lifecycle.renew(claims, at=now)
        with suppress(RedisError):  # who looks for the sign learns by himself that Redis is away
            heartbeat.leave("trainer", at=now)
        self._renewed_at = now

    def _look_after_check(self, now: datetime) -> None:
        if self._check is not None:
            claim, work = self._check
            if not work.done():
                return
            if error := work.exception():
                logger.error("The check of a job's files broke off", exc_info=error)
                lifecycle.interrupted(claim, "the check of its files broke off", at=now)
            self._check = None
        if job := lifecycle.claim_next([JobStatus.VALIDATING_FILES], at=now):
            self._check = (lifecycle.claim_of(job), self._checker.submit(validate, job))

    def _look_after_child(self, now: datetime) -> None:
        if self._child is not None:
            ending = self._child.ending
            if ending is None:
                return
            if ending:
                logger.warning("%s", ending)
                lifecycle.interrupted(self._child.claim, ending, at=now)
            self._child = None
            remove_leftovers(now)
        if job := lifecycle.claim_next([JobStatus.QUEUED, JobStatus.RUNNING], at=now):
            logger.info("Training %s", job.public_id)
            self._child = Child.start(job)

    def _stop(self) -> None:
        self._checker.shutdown(wait=False, cancel_futures=True)
        if self._child is not None:
            self._child.stop()
            lifecycle.give_back(self._child.claim)
        if self._check is not None:
            lifecycle.give_back(self._check[0])
