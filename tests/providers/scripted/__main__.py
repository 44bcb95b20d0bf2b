"""A scripted provider as a process of its own.

    python -m tests.providers.scripted --shape openai --port 8099 --jobs 5000 --pace 2000

Prints its base URL when it answers, and lives until its standard input is closed or it is killed.
"""

import argparse
import sys

from tests.providers import scripted
from tests.providers.scripted.control import Control
from tests.providers.scripted.faults import Mischief
from tests.providers.scripted.living import Living, at_pace
from tests.providers.serving import AzureScript, NebiusScript

SHAPES = {**scripted.SHAPES, "azure": AzureScript, "nebius": NebiusScript}


def main() -> None:
    asked = _arguments()
    script = SHAPES[asked.shape](port=asked.port)
    script.keeps_requests = False
    living = Living(script, steps=asked.steps, failing=asked.failing, seed=asked.seed)
    control = Control(living)
    living.add_jobs(asked.jobs)
    control.pace = asked.pace
    script.mischief = Mischief(asked.mischief, seed=asked.seed)
    script.answer_with(control.answer)
    script.start()
    script.every(at_pace(living, lambda: control.pace))
    print(script.url, flush=True)
    sys.stdin.read()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.providers.scripted", description=__doc__)
    parser.add_argument("--shape", choices=sorted(SHAPES), default="openai")
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--jobs", type=int, default=0, help="to begin with")
    parser.add_argument("--steps", type=int, default=50, help="of each job")
    parser.add_argument("--pace", type=float, default=0.0, help="moves per second, of all jobs")
    parser.add_argument("--failing", type=float, default=0.05, help="share of the jobs that fail")
    parser.add_argument("--mischief", type=float, default=0.0, help="share of requests gone wrong")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
