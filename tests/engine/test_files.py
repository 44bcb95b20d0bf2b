"""/v1/files, with the stock SDK."""

from openai import OpenAI

from tests.factories import chat_file


def test_an_uploaded_file_comes_back_byte_for_byte(sdk: OpenAI) -> None:
    content = chat_file()
    file = sdk.files.create(file=("train.jsonl", content), purpose="fine-tune")
    assert file.id.startswith("file-")
    assert (file.object, file.bytes, file.filename) == ("file", len(content), "train.jsonl")
    assert (file.purpose, file.status) == ("fine-tune", "processed")
    assert sdk.files.retrieve(file.id) == file
    assert sdk.files.content(file.id).content == content
