"""What a report says training would take: epochs, tokens and money, and how sure that is."""

import base64
import struct
from decimal import Decimal

import pytest
from django.urls import reverse

from apps.core.templatetags.ui import usd
from apps.datasets.check.image_tiles import UNKNOWN, tiles_of
from apps.datasets.estimates import Spread, estimate
from apps.providers.profiles import profile_for
from tests.datasets.rule_cases.rows import USER, chat, compared, shown, task
from tests.datasets.test_journey import page_of
from tests.datasets.test_trainability import lines
from tests.factories import chat_row, make_connection
from tests.jobs.test_form_methods import data_of

VISION = "gpt-4o-2024-08-06"


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + bytes(9)


def jpeg(width: int, height: int) -> bytes:
    notes = b"\xff\xe1" + struct.pack(">H", 60_000) + bytes(59_998)
    return (
        b"\xff\xd8" + notes + b"\xff\xc2\0\x11\x08" + struct.pack(">HH", height, width) + bytes(9)
    )


def webp(kind: bytes, size: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + kind + size.ljust(20, b"\0")


def address(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


@pytest.mark.parametrize(
    ("content", "tiles"),
    [
        (png(1024, 1024), 4),  # 765 tokens, the example of OpenAI's guide
        (png(2048, 4096), 6),  # 1105 tokens, their other one
        (png(1, 1), 1),
        (png(4096, 100), 4),
        (jpeg(513, 512), 2),
        (webp(b"VP8 ", bytes(10) + struct.pack("<HH", 0x4000 | 600, 400)), 2),
        (webp(b"VP8L", bytes(4) + b"\x2f" + struct.pack("<I", 599 | 399 << 14)), 2),
        (webp(b"VP8X", bytes(8) + b"\x57\x02\0" + b"\x8f\x01\0"), 2),
        (png(0, 5), UNKNOWN),
        (b"\x89PNG", UNKNOWN),
        (b"\xff\xd8\xff\xe0\0\x02", UNKNOWN),
    ],
)
def test_an_image_is_cut_into_tiles_by_its_size(content, tiles):
    assert tiles_of({"url": address(content)}) == tiles


def test_a_low_detail_has_no_tiles_and_an_address_does_not_tell():
    assert tiles_of({"url": address(png(1024, 1024)), "detail": "low"}) == 0
    assert tiles_of({"url": "https://example.com/a,b.png"}) == UNKNOWN
    assert tiles_of({"url": "data:image/png;base64,A"}) == UNKNOWN


def test_images_are_billed_by_their_size_and_unknown_ones_give_a_range(client, upload):
    version = upload(lines(shown(address(png(1024, 1024))), shown("https://example.com/a.png")))
    assert version.statistics["images"] == 24
    assert version.statistics["image_tiles"] == {"4": 12, str(UNKNOWN): 12}
    texts = version.statistics["tokens"]["o200k_base"]["total"]
    known = texts + 24 * 85 + 12 * 4 * 170
    found = estimate(version=version, profile=profile_for("openai"), model=VISION, n_epochs=1)
    assert found.tokens == Spread(known, known + 12 * 4 * 170, known + 12 * 8 * 170)
    assert found.usd_most == Decimal(found.tokens.most) * 25 / 1_000_000
    page = page_of(client, "detail", version)
    assert "Only these models learn from images here: gpt-4o-2024-08-06." in page


def listed(page: str) -> str:
    section = page.partition('id="estimates"')[2].partition("</section>")[0]
    return section.partition("<table")[2].partition("</table>")[0]


@pytest.mark.parametrize(
    ("row", "model", "left_out"),
    [
        (compared(input=chat(USER)), "gpt-4.1-2025-04-14", "tiny-chat-1m"),
        (shown("https://example.com/a.png"), VISION, "gpt-4.1-mini-2025-04-14"),
        (chat_row("Hi"), "tiny-chat-1m", ""),
    ],
    ids=["preference", "images", "chat"],
)
def test_only_models_that_learn_from_such_rows_are_estimated(client, upload, row, model, left_out):
    page = page_of(client, "detail", upload(lines(row)))
    table, rest = listed(page), page.partition('id="estimates"')[2]
    assert model in table
    if left_out:
        assert left_out not in table
        assert left_out in rest.partition("learn from rows like these:")[2].partition("</p>")[0]
    else:
        assert "Not listed" not in rest


def test_rows_that_no_listed_model_learns_from_have_no_table(client, upload):
    page = page_of(client, "detail", upload(lines(task())))
    assert listed(page) == ""
    assert "they do not learn from rows like these: tiny-chat-1m, gpt-4.1-mini" in page


def test_epochs_that_a_provider_chooses_cost_a_range(client, upload):
    version = upload(lines(chat_row("Hi"), copies=100))
    found = estimate(version=version, profile=profile_for("openai"), model=VISION)
    assert found.epochs == Spread(1, 3, 25)
    assert found.usd_least * 25 == found.usd_most
    table = listed(page_of(client, "detail", version))
    assert "1 to 25" in table
    least, most = found.usd_least, found.usd_most
    assert f"{usd(least)} to {usd(most)}" in table


def test_the_form_of_a_job_says_what_images_of_unknown_size_may_cost(client, owner, upload):
    openai = make_connection(workspace=owner.workspace, profile="openai")
    version = upload(lines(shown("https://example.com/a.png")))
    data = data_of(version, openai, VISION, n_epochs="3")
    page = client.get(reverse("jobs:estimate"), data).content.decode()
    assert "The size of some images is not known" in page
