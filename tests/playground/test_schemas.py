"""Answers that have to follow a schema: what is typed, what is sent, what the answer is told."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Membership
from apps.playground import schemas
from apps.playground.models import Reply
from apps.providers.models import Connection
from tests.factories import make_connection
from tests.playground.site import Site, form, page, send
from tests.providers.fake_server import KEY, FakeServer, chat_chunk

SignIn = Callable[[Membership], Client]
SCHEMA: dict[str, Any] = json.loads(schemas.EXAMPLE)
CHOSEN = {"response_format": "json_schema", "schema": schemas.EXAMPLE}
NESTED = {**SCHEMA, "properties": {**SCHEMA["properties"], "city": {"type": "object"}}}
NOBODYS = {**SCHEMA, "required": ["city", "sky"]}
FORMAT = {"type": "json_schema", "json_schema": {"name": "sky", "schema": SCHEMA, "strict": True}}


def test_a_schema_is_frozen_into_the_answers_and_stays_on_the_page(
    client: Client, connection: Connection
) -> None:
    own = {"column-1-has_own_settings": "on", "column-1-system_prompt": ""}
    fields = {**CHOSEN, "schema_name": "sky", "is_strict": "on", **own}
    left, right = send(client, connection, **fields)
    assert left.settings["response_format"] == FORMAT
    assert "response_format" not in right.settings
    html = page(client, left.turn.conversation.get_absolute_url())
    assert "&quot;degrees&quot;: {" in html
    assert 'value="sky"' in html


def test_without_a_name_it_is_called_the_answer_and_need_not_be_strict(
    client: Client, connection: Connection
) -> None:
    loose = json.dumps({"type": "object", "oneOf": [{"required": ["a"]}]})
    reply, _ = send(client, connection, **CHOSEN | {"schema": loose})
    asked = reply.settings["response_format"]["json_schema"]
    assert asked == {"name": "answer", "schema": json.loads(loose), "strict": False}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": ""}, "Schema: Write the schema that the answer has to follow."),
        ({"schema": '{\n"type": object}'}, "Schema: This is not JSON, at line 2, character 9"),
        (
            {"schema": '{"type": "\n"}'},
            "a line break or another control character stands in a string",
        ),
        ({"schema": "[1]"}, "Enter a JSON Schema: an object."),
        ({"schema": '{"type": "text"}'}, "schema.type: This is not allowed in a schema."),
        ({"schema": '{"$ref": "http://localhost/"}'}, "References stay within the schema"),
        ({"schema": json.dumps(FORMAT)}, "Write only the schema itself"),
        ({"schema": "[" * 200_000}, "Schema: A schema has at most 100000 characters."),
        ({"schema_name": "the sky"}, "Name of the schema: Use only letters"),
        ({"schema": json.dumps(NESTED)}, "schema.properties.city lacks “additionalProperties”"),
        ({"schema": json.dumps(NOBODYS)}, "schema does not require “degrees”"),
    ],
)
def test_a_schema_that_cannot_be_sent_is_said_with_its_place(
    client: Client, connection: Connection, change: dict[str, str], words: str
) -> None:
    fields = form(connection) | CHOSEN | {"is_strict": "on"} | change
    response = client.post(reverse("playground:create"), fields, headers={"HX-Request": "true"})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not Reply.objects.exists()


def test_a_bad_schema_is_in_nobodys_way_where_text_is_wanted(
    client: Client, connection: Connection
) -> None:
    reply, _ = send(client, connection, schema="{oops", schema_name="the sky")
    assert "response_format" not in reply.settings


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, ""),
        ({"type": ["object", "null"]}, "At its top"),
        ({"anyOf": [SCHEMA]}, "At its top"),
        ({"$defs": {"a": {"properties": {}}}}, "schema.$defs.a lacks “additionalProperties”"),
        ({"properties": {"city": {"items": {"not": {}}}}}, "city.items has “not”"),
        ({"properties": {"city": {"anyOf": [{"allOf": []}]}}}, "city.anyOf[0] has “allOf”"),
        ({"properties": {"city": {"enum": list(range(1001))}}}, "1000 values of “enum”"),
    ],
)
def test_what_is_strict(change: dict[str, Any], words: str) -> None:
    schema = {**SCHEMA, **change}
    if "properties" in change:
        schema["required"] = list(change["properties"])
    if not words:
        return schemas.refuse_beyond_strict(schema)
    with pytest.raises(ValueError, match=r"without “Strict” it may do\.$") as refusal:
        schemas.refuse_beyond_strict(schema)
    assert words in str(refusal.value)
    return None


@pytest.mark.parametrize("rule", ["enum", "required", "properties", "prefixItems"])
def test_what_a_draft_does_not_look_at_may_be_anything(rule: str) -> None:
    draft = {"$schema": "http://json-schema.org/draft-07/schema#"}
    odd = {rule: 5, "type": "object", "additionalProperties": False}
    schema = schemas.schema_of(json.dumps({**SCHEMA, **draft, "$defs": {"odd": odd}}))
    schemas.refuse_beyond_strict(schema)


def test_a_strict_schema_has_ten_levels() -> None:
    def nested(levels: int) -> dict[str, Any]:
        inner = {"a": nested(levels - 1)} if levels > 1 else {}
        return {**SCHEMA, "properties": inner, "required": list(inner)}

    schemas.refuse_beyond_strict(nested(10))
    with pytest.raises(ValueError, match="more than 10 levels"):
        schemas.refuse_beyond_strict(nested(11))


@pytest.mark.parametrize(
    ("answer", "words", "others"),
    [
        ('{"city": "Brest", "degrees": 9, "sky": "rain"}', "Follows the schema", "Does not"),
        (
            '{"city": "Brest", "degrees": "<b>", "sky": "rain"}',
            "degrees is not of type number, null.",
            "Follows the schema",
        ),
        ('{"city": "Brest"}', "“degrees” is missing at the answer.", "Follows the schema"),
        ("{oops", "Not valid JSON", "the schema"),
    ],
)
def test_the_foot_says_whether_the_answer_follows_the_schema(
    client: Client,
    connection: Connection,
    provider: FakeServer,
    site: Site,
    answer: str,
    words: str,
    others: str,
) -> None:
    provider.chunks = [chat_chunk(answer)]
    reply, _ = send(client, connection, **CHOSEN, schema_name="sky", is_strict="on")
    foot = site.read(client, reply).foot
    assert words in foot
    assert others not in foot
    assert provider.requests[-1].json()["response_format"] == FORMAT


def test_a_model_that_takes_no_schema_is_asked_without_one(
    client: Client, owner: Membership, provider: FakeServer, site: Site
) -> None:
    openai = make_connection(
        workspace=owner.workspace, profile="openai", base_url=provider.url, key=KEY
    )
    reply, _ = send(client, openai, **CHOSEN, **{"column-0-model": "gpt-3.5-turbo-0125"})
    foot = site.read(client, reply).foot
    assert "Not sent, this model refuses it: json_schema" in foot
    assert "the schema" not in foot
    assert "response_format" not in provider.requests[-1].json()


def test_who_may_only_look_reads_the_schema(
    client: Client,
    client_of: SignIn,
    viewer: Membership,
    connection: Connection,
) -> None:
    reply, _ = send(client, connection, **CHOSEN)
    html = page(client_of(viewer), reply.turn.conversation.get_absolute_url())
    assert "JSON that follows a schema" in html
    assert "&quot;degrees&quot;" in html
