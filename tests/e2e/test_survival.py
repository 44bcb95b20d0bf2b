"""Every process is killed and the queue emptied while a job runs: nothing is lost or done twice."""

import csv
import os
import re
import signal
import time

import openai
import pytest
from playwright.sync_api import Page, expect

from tests.checkout import Copy
from tests.e2e.test_main_job import PASSWORD, TRAINING_MS, add_the_sample

pytestmark = pytest.mark.browser
EPOCHS = 20
BACK_SECONDS = 120
# Part of a command line each; the order puts what others depend on last.
# The training comes first: it might be over by the time that all others are back.
VICTIMS = ["manage.py train_job", "-A config beat", "--queues celery", "--queues ticks"]
VICTIMS += ["manage.py trainer", "config.asgi:application", "config.engine_asgi:application"]
VICTIMS += ["valkey", "bin/postgres -D"]


def test_a_job_outlives_every_process(page: Page, retune: Copy):
    retune.run("manage", "createowner", "--username", "ada", "--password-stdin", input=PASSWORD)
    sign_in(page)
    add_the_sample(page)
    job_path = start_a_longer_job(page)
    for victim in VICTIMS:
        kill(retune, victim)
    empty_the_queue(retune)
    expect(page.get_by_role("link", name="Compare with base")).to_be_visible(timeout=TRAINING_MS)
    assert every_step_is_there_once(page, job_path)
    assert the_engine_has_one_job(retune)


def sign_in(page: Page) -> None:
    page.goto("/sign-in/")
    page.get_by_label("Name", exact=True).fill("ada")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def start_a_longer_job(page: Page) -> str:
    page.get_by_role("link", name="Start a fine-tuning job").click()
    expect(page.get_by_label("Base model")).to_have_value("tiny-chat-1m")
    page.get_by_label("Epochs").fill(str(EPOCHS))
    page.get_by_role("button", name="Start the job").click()
    expect(page.get_by_text(re.compile(r"step \d+ / \d+"))).to_be_visible(timeout=180_000)
    return page.url


def kill(retune: Copy, victim: str) -> None:
    """Kill a process as the kernel would, and wait until the launcher has started it again."""
    before = {pid for pid, command in retune.processes().items() if victim in command}
    assert before, victim
    os.kill(min(before), signal.SIGKILL)
    deadline = time.monotonic() + BACK_SECONDS
    while not {pid for pid, text in retune.processes().items() if victim in text} - before:
        assert time.monotonic() < deadline, f"{victim} did not come back:\n{retune.output()}"
        time.sleep(0.1)


def empty_the_queue(retune: Copy) -> None:
    """Lose everything that Valkey holds: waiting messages, and the cache."""
    forget = "from redis import Redis; Redis.from_url(settings.REDIS_URL).flushall()"
    code = f"from django.conf import settings; {forget}"
    assert retune.run("manage", "shell", "--verbosity", "0", "--command", code).returncode == 0


def every_step_is_there_once(page: Page, job_url: str) -> bool:
    rows = csv.DictReader(page.request.get(f"{job_url}metrics.csv").text().splitlines())
    steps = [int(row["step"]) for row in rows]
    return steps == list(range(1, EPOCHS * 23 + 1))  # 92 rows in batches of 4


def the_engine_has_one_job(retune: Copy) -> bool:
    token = retune.run("manage", "engine_token", "--name", "recount").stdout.strip()
    client = openai.OpenAI(base_url=f"http://127.0.0.1:{retune.engine_port}/v1", api_key=token)
    (job,) = client.fine_tuning.jobs.list().data
    events = list(client.fine_tuning.jobs.list_events(job.id, limit=1000))
    steps = [event.data["step"] for event in events if event.type == "metrics"]
    return job.status == "succeeded" and sorted(steps) == list(range(1, EPOCHS * 23 + 1))
