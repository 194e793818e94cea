"""Text on cards, in which nothing is hidden."""

import pytest

from xencrm.assistant.visible import visible


@pytest.mark.parametrize(
    ("text", "lines", "seen"),
    [
        ("Hi\nthere", True, "Hi\nthere"),
        ("Hi\nthere", False, "Hi⟨U+000A⟩there"),
        ("a\u202eb\u2066c\u200bd\u200de", False, "a⟨U+202E⟩b⟨U+2066⟩c⟨U+200B⟩d⟨U+200D⟩e"),
        ("👩\u200d🌾 क्\u200dष café ₹", False, "👩\u200d🌾 क्\u200dष café ₹"),
        ("a\u3164b\0", True, "a⟨U+3164⟩b⟨U+0000⟩"),
    ],
)
def test_only_what_hides_or_turns_is_written_out(text: str, lines: bool, seen: str) -> None:
    assert visible(text, lines=lines) == seen
