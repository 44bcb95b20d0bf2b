import re
import socket

import pytest

from config.launcher.errors import CannotStart
from config.launcher.ports import listen


def test_a_taken_port_is_named_with_a_free_one_to_use_instead():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CannotStart) as refused:
            listen("127.0.0.1", port, option="--port")
    words = str(refused.value)
    assert words.startswith(f"Port {port} on 127.0.0.1 is taken by another program.")
    suggested = int(re.search(r"\./run --port (\d+)", words)[1])
    with listen("127.0.0.1", suggested, option="--port") as listener:
        assert listener.getsockname() == ("127.0.0.1", suggested)


def test_an_address_that_is_not_this_machines_is_refused_in_words():
    with pytest.raises(CannotStart, match=r"Cannot listen on 203\.0\.113\.1, port 8000: "):
        listen("203.0.113.1", 8000, option="--port")


def test_a_port_may_be_used_again_right_after_its_last_visitor():
    with listen("127.0.0.1", 0, option="--port") as listener:
        port = listener.getsockname()[1]
        visitor = socket.create_connection(("127.0.0.1", port))
        served, _ = listener.accept()
        served.close()  # leaves the connection in TIME_WAIT on our side
        visitor.close()
    listen("127.0.0.1", port, option="--port").close()


def test_no_part_of_an_answer_waits_for_the_browsers_word():
    with listen("127.0.0.1", 0, option="--port") as listener:
        visitor = socket.create_connection(listener.getsockname()[:2])
        served, _ = listener.accept()
        with visitor, served:
            assert served.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
