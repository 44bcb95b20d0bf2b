"""The child process that trains one job, seen from its supervisor."""

import os
import signal
import subprocess
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from apps.engine import lifecycle
from apps.engine.models import TrainingJob

# One thread per training: with more, the threads of a busy machine wait for each other.
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SECONDS_TO_SAVE = 5


@dataclass(frozen=True)
class Child:
    """A training process and the claim it works under."""

    process: "subprocess.Popen[bytes]"
    claim: uuid.UUID

    @classmethod
    def start(cls, job: TrainingJob) -> "Child":
        """Start training a job that has been claimed."""
        claim = lifecycle.claim_of(job)
        manage = Path(settings.BASE_DIR, "manage.py")
        command = [sys.executable, str(manage), "train_job", str(claim), str(os.getpid())]
        process = subprocess.Popen(  # noqa: S603  (no shell; nothing in it is a caller's)
            command,
            env={**os.environ, **ONE_THREAD},
            stdin=subprocess.DEVNULL,
            process_group=0,  # Ctrl-C reaches the supervisor alone, who passes it on
        )
        return cls(process, claim)

    @property
    def ending(self) -> str | None:
        """Say how the process ended; None while it runs, "" when it ended well."""
        code = self.process.poll()
        if code is None:
            return None
        if code < 0:
            return f"the training process was killed by {signal.Signals(-code).name}"
        return f"the training process ended with exit code {code}" if code else ""

    def stop(self) -> None:
        """Let the process save and stop; kill it if it takes too long."""
        self.process.terminate()
        try:
            self.process.wait(SECONDS_TO_SAVE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
