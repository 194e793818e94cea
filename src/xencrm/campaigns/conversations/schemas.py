"""HTTP shapes of conversations."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from xencrm.kernel.http.shapes import NO_NUL

MOST_CHARACTERS: Final = 2_000_000
# As JSON that escapes all of them.
MOST_BYTES: Final = 6 * MOST_CHARACTERS + 1000

Version = Annotated[int, Meta(ge=1, le=2_147_483_647, description="one more than was read")]
Content = Annotated[str, Meta(max_length=MOST_CHARACTERS, pattern=NO_NUL, description="the assistant's own")]


class ConversationInput(Struct, forbid_unknown_fields=True):
    version: Version
    content: Content


class ShownConversation(Struct):
    """`version` 0 and no content where there is none."""

    version: int
    content: str
