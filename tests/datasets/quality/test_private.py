"""What is private is found, with the right degree of certainty; what only looks like it is not.

The secrets here are invented; they are put together so that no scanner takes them for real ones.
"""

import pytest

from apps.datasets.quality.private import find_private

A40 = "aB3dE5gH7jK9mN1pQ2sT4vW6yZ8bC0eF2hJ4kL6n"
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + A40
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEowIBAAKCAQEA7\n-----END RSA PRIVATE KEY-----"

FOUND = [
    ("write to ann.lee+x@acme.co.uk today", "ann.lee+x@acme.co.uk", "email", "certain"),
    ("邮箱：zhang@qq.com。", "zhang@qq.com", "email", "certain"),
    ("call +49 30 123456 now", "+49 30 123456", "phone", "likely"),
    ("me at (415) 555-2671.", "(415) 555-2671", "phone", "likely"),
    ("tel: 06 12 34 56 78", "06 12 34 56 78", "phone", "likely"),
    ("我的手机号是13812345678。", "13812345678", "phone", "likely"),
    ("id 13812345678", "13812345678", "phone", "guess"),
    ("card 4111 1111 1111 1111, 12/27", "4111 1111 1111 1111", "card", "certain"),
    ("3782-822463-10005", "3782-822463-10005", "card", "certain"),
    ("pay 5555555555554444 now", "5555555555554444", "card", "likely"),
    ("IBAN DE89 3704 0044 0532 0130 00 Bank", "DE89 3704 0044 0532 0130 00", "iban", "certain"),
    ("GB29NWBK60161331926819", "GB29NWBK60161331926819", "iban", "certain"),
    ("from 8.8.4.4.", "8.8.4.4", "ip_address", "likely"),
    ("from 2001:4860:4860::8888 on", "2001:4860:4860::8888", "ip_address", "likely"),
    ("身份证11010519491231002X", "11010519491231002X", "national_id", "certain"),
    ("CPF 111.444.777-35", "111.444.777-35", "national_id", "certain"),
    ("SSN: 536-90-4399", "536-90-4399", "national_id", "likely"),
    ("use sk-" + "proj-" + A40, "sk-proj-" + A40, "openai_key", "likely"),
    ("sk-" + "ant-api03-" + A40, "sk-ant-api03-" + A40, "anthropic_key", "likely"),
    ("AKIA" + "Q3EGRIT7WX5KLMNP", "AKIAQ3EGRIT7WX5KLMNP", "aws_key", "likely"),
    ("ghp_" + A40[:36], "ghp_" + A40[:36], "github_token", "likely"),
    ("xox" + "b-1234567890-" + A40, "xoxb-1234567890-" + A40, "slack_token", "likely"),
    ("sk_" + "live_" + A40, "sk_live_" + A40, "stripe_key", "likely"),
    ("AIza" + A40[:35], "AIza" + A40[:35], "google_key", "likely"),
    ("hf_" + A40[:34], "hf_" + A40[:34], "hugging_face_token", "likely"),
    ("bot 123456789:AA" + A40[:33], "123456789:AA" + A40[:33], "telegram_token", "likely"),
    (f"Bearer {JWT}", JWT, "json_web_token", "certain"),
    (f"key:\n{KEY}\n", KEY, "private_key", "certain"),
    ("postgres://bob:s3cr3tpw@db.acme.io/x", "s3cr3tpw", "url_password", "likely"),
    ('password = "hunter2Xy91"', "hunter2Xy91", "password", "guess"),
    ("API_KEY=9f8e7d6c5b4a3210", "9f8e7d6c5b4a3210", "password", "guess"),
]
INNOCENT = [
    "write to you@example.com or git@github.com:me/x",
    "the icon icon@2x.png",
    "on 2024-01-01 12:00:00, at 1700000000",
    "order 536-90-4399 of 415 items, 3.14159265358979",
    "card 4111 1111 1111 1112",
    "1234567890123456",
    "IBAN DE89 3704 0044 0532 0130 01",
    "version 8.8.4.4, host 192.168.0.1, 203.0.113.9",
    "10.1.2.3.4 and 00:1B:44:11:3A:B7 at 12:34:56",
    "id 110105194912310021",
    "CPF 111.444.777-36",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxx and sk-learn-contrib-package-name",
    "eyJhbGciOiJ.not.json",
    "password: your_password1, secret = os.environ['KEY1'], token=abc",
    "postgres://user:password@localhost/x",
    "https://acme.io/a/b?c=d",
    "-----BEGIN PUBLIC KEY-----",
    "secret = base64.b64decode(text), \\text{14285714.286}",
    "b815213303432341c06b4349f5455890446578877bb322e22",
    "",
]


@pytest.mark.parametrize(("text", "value", "kind", "sure"), FOUND)
def test_it_is_found(text, value, kind, sure):
    data = text.encode()
    found = [(data[h.start : h.end].decode(), h.kind, h.sure) for h in find_private(data)]
    assert found == [(value, kind, sure)]


@pytest.mark.parametrize("text", INNOCENT)
def test_it_is_left_alone(text):
    data = text.encode()
    assert [data[hit.start : hit.end] for hit in find_private(data)] == []


def test_accounts_that_follow_each_other_are_two():
    text = b"LU28 0019 4006 4475 0000 DE89 3704 0044 0532 0130 00"
    assert [(hit.start, hit.end) for hit in find_private(text)] == [(0, 24), (25, 52)]


def test_many_texts_at_once_hold_what_each_of_them_holds():
    """The examination joins texts and searches long stretches in a faster way."""
    texts = [text.encode() for text, *_ in FOUND] + [text.encode() for text in INNOCENT] * 20
    alone = [(hit.kind, text[hit.start : hit.end]) for text in texts for hit in find_private(text)]
    joined = b"\0".join(texts)
    assert len(joined) > 5_000
    together = [(hit.kind, joined[hit.start : hit.end]) for hit in find_private(joined)]
    assert together == alone
