"""Names that nobody gave."""

from apps.core.naming import free_name


def test_a_name_that_is_taken_gets_a_number():
    assert free_name("ferry", ()) == "ferry"
    assert free_name("ferry", {"ferry", "ferry (2)", "ferry (4)"}) == "ferry (3)"


def test_a_long_name_leaves_room_for_its_number():
    assert free_name("f" * 300, {"f" * 200}) == "f" * 196 + " (2)"
