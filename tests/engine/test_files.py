"""/v1/files, with the stock SDK."""

import pytest
from openai import APIStatusError, BadRequestError, ConflictError, NotFoundError, OpenAI
from openai.types import FileObject

from tests.engine.jobs import start_job
from tests.engine_server import MAX_UPLOAD_BYTES
from tests.factories import chat_file


def upload(
    sdk: OpenAI, content: bytes, name: str = "train.jsonl", purpose: str = "fine-tune"
) -> FileObject:
    return sdk.files.create(file=(name, content), purpose=purpose)


def test_an_uploaded_file_comes_back_byte_for_byte(sdk: OpenAI) -> None:
    content = b"\xef\xbb\xbf" + chat_file().replace(b"\n", b"\r\n") + b"\r\n"
    file = upload(sdk, content)
    assert file.id.startswith("file-")
    assert (file.object, file.bytes, file.filename) == ("file", len(content), "train.jsonl")
    assert (file.purpose, file.status) == ("fine-tune", "processed")
    assert sdk.files.retrieve(file.id) == file
    assert sdk.files.content(file.id).content == content


def test_a_file_larger_than_memory_buffers_comes_back_whole(sdk: OpenAI) -> None:
    content = chat_file(60_000)
    assert sdk.files.content(upload(sdk, content).id).content == content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[1, 2]\n", "Line 1 is not a dictionary"),
        (b'{"messages": []}\n{oops}\n', "Line 2 is not valid JSON"),
        (b'{"text": "caf\xe9"}\n', "Line 1 is not valid JSON"),
        (b'{"n": NaN}\n', "Line 1 is not valid JSON"),
        (b"", "The file is empty"),
    ],
)
def test_a_file_that_is_not_json_lines_is_refused(sdk: OpenAI, content: bytes, words: str) -> None:
    with pytest.raises(BadRequestError, match=words) as refusal:
        upload(sdk, content)
    assert refusal.value.param == "file"
    assert list(sdk.files.list()) == []


def test_other_purposes_and_other_kinds_of_files_are_refused(sdk: OpenAI) -> None:
    with pytest.raises(BadRequestError, match="'assistants' is not one of"):
        upload(sdk, chat_file(), purpose="assistants")
    with pytest.raises(BadRequestError, match=r"must end in \.jsonl"):
        upload(sdk, chat_file(), name="train.csv")
    with pytest.raises(BadRequestError, match="Unknown parameter: 'expires_after"):
        sdk.files.create(
            file=("train.jsonl", chat_file()),
            purpose="fine-tune",
            expires_after={"anchor": "created_at", "seconds": 3600},
        )


def test_lists_page_in_both_directions_and_filter_by_purpose(sdk: OpenAI) -> None:
    made = [upload(sdk, chat_file(1), f"{number}.jsonl").id for number in range(3)]
    page = sdk.files.list(limit=2)
    assert ([file.id for file in page.data], page.has_more) == (made[:0:-1], True)
    assert [file.id for file in sdk.files.list(limit=1)] == made[::-1]
    assert [file.id for file in sdk.files.list(limit=1, order="asc")] == made
    assert [file.id for file in sdk.files.list(purpose="fine-tune-results")] == []


@pytest.mark.parametrize("limit", [0, 10_001, "many"])
def test_a_senseless_limit_is_refused(sdk: OpenAI, limit: object) -> None:
    with pytest.raises(BadRequestError, match="'limit'"):
        sdk.files.list(limit=limit)


def test_a_deleted_file_is_gone(sdk: OpenAI) -> None:
    file = upload(sdk, chat_file())
    assert sdk.files.delete(file.id).deleted
    with pytest.raises(NotFoundError):
        sdk.files.content(file.id)


def test_a_file_that_a_job_needs_is_kept(sdk: OpenAI, training_file: str) -> None:
    job = start_job(sdk, training_file)
    with pytest.raises(ConflictError, match=job.id):
        sdk.files.delete(training_file)
    sdk.fine_tuning.jobs.cancel(job.id)
    assert sdk.files.delete(training_file).deleted


def test_a_file_beyond_the_limit_is_refused_in_words(sdk: OpenAI) -> None:
    rows = chat_file(1) * (MAX_UPLOAD_BYTES // len(chat_file(1)) + 1)
    for content in (rows, rows * 2):  # just beyond the file's limit, and beyond the request's
        with pytest.raises(APIStatusError, match="larger than 12 MB") as refusal:
            upload(sdk, content)
        assert (refusal.value.status_code, refusal.value.code) == (413, "request_too_large")
