"""Everything dies, the provider lies, and afterwards every count must be right.

    .venv/bin/python benchmarks/chaos.py [--jobs 3000] [--steps 60] [--own 200] [--seconds 180]

A scripted provider in a process of its own lets its jobs live; a share of its answers goes wrong
(errors, resets, cut bodies, answers that are lost after the deed), every page of events holds each
one twice and in any order, and now and then it is away. Retune's real processes follow the account
and start jobs of their own, while one after another is killed with -9: workers, pollers, beat, the
broker (which forgets everything) and PostgreSQL. Then all is left in peace, and what Retune has is
compared with the provider's own history, job by job. Exits with 1 when anything differs.
"""

import argparse
import base64
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

CELERY = [sys.executable, "-m", "celery", "-A", "config"]
KILL_EVERY = 4.0
AWAY_SECONDS = 3.0
PATIENCE = 420.0  # until everything has come: leases of the dead run out after two minutes


@dataclass
class Cast:
    """The processes, each of which can be killed and started again."""

    folder: Path
    environment: dict[str, str]
    commands: dict[str, list[str]] = field(default_factory=dict)
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(self, name: str, **options: Any) -> "subprocess.Popen[bytes]":
        log = (self.folder / f"{name}.log").open("ab")
        streams: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log} | options
        self.running[name] = subprocess.Popen(
            self.commands[name],
            cwd=ROOT,
            env=os.environ | self.environment,
            stderr=log,
            start_new_session=True,
            **streams,
        )
        return self.running[name]

    def kill(self, name: str) -> None:
        """Kill it and its children, as a machine that loses its memory would."""
        process = self.running[name]
        if name == "postgres":
            process.kill()  # its children leave by themselves
        else:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def revive(self) -> list[str]:
        """Start again what ended by itself, as `./run` does; return what that was.

        A Celery worker that loses its broker may end of an error within kombu.
        """
        ended = [name for name, process in self.running.items() if process.poll() is not None]
        for name in ended:
            self.start(name)
        return ended

    def stop(self) -> None:
        for name in reversed(list(self.running)):
            if self.running[name].poll() is None:
                self.kill(name)


def play(options: argparse.Namespace, folder: Path) -> bool:
    """Play the piece; return whether all counts agree in the end."""
    from config.launcher.embedded import Postgres, Valkey

    postgres = Postgres(
        data=folder / "postgres",
        sockets=folder,
        options=("fsync=off",),  # nothing dies below the processes
        initdb_options=["--no-sync"],
    )
    valkey = Valkey(folder / "valkey", folder, options=("--appendonly", "no", "--save", ""))
    cast = Cast(folder, _environment(folder, postgres.url, valkey.url))
    os.environ.update(cast.environment)
    postgres.prepare()
    valkey.prepare()
    cast.commands |= {
        "postgres": postgres.command(),
        "valkey": valkey.command(),
        "provider": [
            *[sys.executable, "-m", "tests.providers.scripted", "--jobs", str(options.jobs)],
            *["--steps", str(options.steps), "--seed", str(options.seed)],
            *["--mischief", str(options.mischief)],
        ],
        "worker": [*CELERY, "worker", "-n", "worker@%h", "-Q", "celery", "-c", "2"],
        "poller": [*CELERY, "worker", "-n", "poller@%h", "-Q", "ticks", "-c", "2"],
        "beat": [*CELERY, "beat", "--schedule", str(folder / "beat"), "--pidfile="],
    }
    try:
        cast.start("postgres"), cast.start("valkey")
        _until(postgres.is_ready)
        _until(valkey.is_ready)
        provider = cast.start("provider", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        url = provider.stdout.readline().decode().strip() if provider.stdout else ""
        return _act(options, cast, url)
    finally:
        cast.stop()


def _act(options: argparse.Namespace, cast: Cast, url: str) -> bool:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    make_own_job = _prepare(url)
    moves = options.jobs * (options.steps + 3) / options.seconds
    tell(url, pace=moves, repeats=True, shuffles=True)
    for name in ("worker", "poller", "beat"):
        cast.start(name)
    deaths = _storm(options, cast, url, make_own_job)
    met = tell(url)["mischief"]
    print("peace; waiting until everything has come …", flush=True)
    tell(url, mischief=0, shuffles=False, finish=True, pace=0)
    began = time.monotonic()
    is_right = False
    while not is_right and time.monotonic() - began < PATIENCE:
        time.sleep(3)
        deaths.update(f"{name} by itself" for name in cast.revive())
        tell(url, finish=True)  # jobs that were only created now
        is_right = not _differences(url)
    print(f"{'killed':<28}{dict(deaths)}")
    print(f"{'answers that went wrong':<28}{met}")
    print(f"{'calls':<28}{sum(tell(url)['calls'].values())}")
    print(f"{'caught up after':<28}{time.monotonic() - began:.0f} s of peace")
    _print_table(url, options.own)
    return is_right


def _storm(
    options: argparse.Namespace, cast: Cast, url: str, make_own_job: Callable[[], object]
) -> Counter[str]:
    chance, deaths = random.Random(options.seed), Counter[str]()
    end = time.monotonic() + options.seconds
    next_kill, made = time.monotonic() + KILL_EVERY, 0
    while time.monotonic() < end:
        left = 1 - (end - time.monotonic()) / options.seconds
        if made < options.own * left and _is_done(make_own_job):
            made += 1
        if time.monotonic() >= next_kill:
            name = chance.choice(["worker", "poller", "beat", "valkey", "postgres", "provider"])
            deaths[name] += 1
            if name == "provider":
                tell(url, away=AWAY_SECONDS)
            else:
                cast.kill(name)
                time.sleep(chance.random())
                cast.start(name)
            deaths.update(f"{each} by itself" for each in cast.revive())
            next_kill = time.monotonic() + KILL_EVERY * chance.uniform(0.5, 1.5)
        time.sleep(0.02)
    while made < options.own:
        made += _is_done(make_own_job)
    return deaths


def _prepare(url: str) -> Callable[[], object]:
    """Make the account and one dataset; return what makes a job of our own."""
    from apps.jobs.elsewhere import importing
    from tests.factories import make_connection, make_job, make_version, make_workspace

    workspace = make_workspace()
    connection = make_connection(workspace=workspace, base_url=url)
    importing.follow(connection, follows_all_jobs=True)
    data = make_version(workspace=workspace)
    return lambda: make_job(workspace=workspace, connection=connection, training_data=data)


def _is_done(work: Callable[[], object]) -> bool:
    """Do something with the database; False while it is dead."""
    from django.db import Error, connection

    try:
        work()
    except Error:
        connection.close()
        time.sleep(0.1)
        return False
    return True


# --- counting -----------------------------------------------------------------------------------

Count = tuple[str, int, int, int]  # status, events, points, checkpoints


def _there(url: str) -> dict[str, Count]:
    return {
        job_id: (job["status"], job["events"], job["steps"], job["checkpoints"])
        for job_id, job in tell(url)["jobs"].items()
    }


def _here() -> dict[str, Count]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT provider_job_id, status,
              (SELECT count(*) FROM jobs_jobevent WHERE job_id = j.id),
              (SELECT count(*) FROM jobs_metricpoint WHERE job_id = j.id)
              + (SELECT coalesce(sum(octet_length(steps) / 4), 0) FROM jobs_metricchunk
                 WHERE job_id = j.id AND name = 'train_loss'),
              (SELECT count(*) FROM jobs_checkpoint WHERE job_id = j.id)
            FROM jobs_job j
        """)
        return {row[0]: (row[1], row[2], int(row[3]), row[4]) for row in cursor.fetchall()}


def _differences(url: str) -> set[str]:
    there, here = _there(url), _here()
    return {job_id for job_id in {*there, *here} if there.get(job_id) != here.get(job_id)}


def _print_table(url: str, own: int) -> None:
    from apps.jobs.models import Job

    there, here = _there(url), _here()
    keys = [json.dumps(j["metadata"]) for j in tell(url)["jobs"].values() if j["metadata"]]
    rows = [
        ("jobs", len(there), Job.objects.count()),
        ("made by Retune", len(keys), Job.objects.filter(is_imported=False).count()),
        ("… each once", len(set(keys)), own),
        ("files sent", tell(url)["files"], 1),
        ("ended", _ended(there), _ended(here)),
        ("events", _sum(there, 1), _sum(here, 1)),
        ("points of curves", _sum(there, 2), _sum(here, 2)),
        ("checkpoints", _sum(there, 3), _sum(here, 3)),
    ]
    print(f"\n{'':<28}{'provider':>12}{'Retune':>12}")
    for name, told, kept in rows:
        print(f"{name:<28}{told:>12}{kept:>12}{'' if told == kept else '   differs'}")
    print(f"{'jobs that differ':<28}{len(_differences(url)):>12}")
    for job_id in sorted(_differences(url))[:10]:
        print(f"  {job_id}: {there.get(job_id)} there, {here.get(job_id)} here")


def _ended(jobs: dict[str, Count]) -> int:
    return sum(count[0] in {"succeeded", "failed", "cancelled"} for count in jobs.values())


def _sum(jobs: dict[str, Count], place: int) -> int:
    return sum(int(count[place]) for count in jobs.values())


def tell(url: str, **wishes: Any) -> Any:
    """Tell the scripted provider something; return what it has."""
    address = url.rsplit("/v1", 1)[0] + "/_script"
    body = json.dumps(wishes).encode() if wishes else None
    for _try in range(40):
        try:
            return json.load(urllib.request.urlopen(address, body, timeout=60))
        except OSError:  # it is away
            time.sleep(0.5)
    raise RuntimeError("the scripted provider is gone")


def _until(is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_ready():
        if time.monotonic() > deadline:
            raise RuntimeError("a server did not start")
        time.sleep(0.05)


def _environment(folder: Path, database: str, broker: str) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": database,
        "REDIS_URL": broker,
        "SECRET_KEY": "only-for-this-" * 4,
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"only-for-this".ljust(32)).decode(),
        "DATA_DIR": str(folder / "data"),
        "TIKTOKEN_CACHE_DIR": str(ROOT / "var" / "tiktoken"),
        "ALLOW_PRIVATE_HOSTS": "true",
        "LOG_LEVEL": "WARNING",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=3000, help="made elsewhere")
    parser.add_argument("--steps", type=int, default=60, help="of each job: one event each")
    parser.add_argument("--own", type=int, default=200, help="jobs that Retune starts")
    parser.add_argument("--seconds", type=float, default=180.0, help="how long the storm lasts")
    parser.add_argument("--mischief", type=float, default=0.05, help="share of bad answers")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="retune-chaos-", dir="/tmp"))
    try:
        is_right = play(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("\nNothing was lost, nothing was made twice." if is_right else "\nSomething differs.")
    sys.exit(not is_right)


if __name__ == "__main__":
    main()
