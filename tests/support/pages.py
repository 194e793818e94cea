"""Pages of the documents as a reader meets them: sections, and the fenced blocks to be typed or saved."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from textwrap import dedent

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>.*)\n(?P<text>[\s\S]*?)^(?P=indent)```$", re.MULTILINE)
_HEADING = re.compile(r"^##+ (.+)\n", re.MULTILINE)
MANUAL = "manual"
SHELL = "sh"


@dataclass(frozen=True)
class Block:
    """A fenced block; `title` is the name of the file that it is saved under, if any."""

    language: str
    title: str
    flags: frozenset[str]
    text: str

    @property
    def is_typed(self) -> bool:
        """Not so what is to be typed on other machines."""
        return self.language == SHELL and MANUAL not in self.flags


@dataclass(frozen=True)
class Section:
    """What stands between two headings."""

    heading: str
    blocks: tuple[Block, ...]

    @property
    def files(self) -> dict[str, str]:
        return {block.title: block.text for block in self.blocks if block.title}

    @property
    def typed(self) -> Iterator[tuple[Block, str]]:
        """Each block to be typed, with what the page shows as its output (empty: nothing is shown)."""
        following = [*self.blocks[1:], Block("", "", frozenset(), "")]
        for block, after in zip(self.blocks, following, strict=False):
            if block.is_typed:
                yield block, "" if after.is_typed or after.title else after.text


def sections_of(page: Path) -> dict[str, Section]:
    """By heading, those with nothing to save or type left out."""
    text = page.read_text(encoding="utf-8")
    headings = [(found[1], found.start()) for found in _HEADING.finditer(text)]
    bounds = pairwise([*headings, ("", len(text))])
    sections = [Section(name, _blocks(text[start:end])) for (name, start), (_, end) in bounds]
    return {each.heading: each for each in sections if each.files or any(each.typed)}


def _blocks(text: str) -> tuple[Block, ...]:
    return tuple(_block(found["info"], dedent(found["text"])) for found in _FENCE.finditer(text))


def _block(info: str, text: str) -> Block:
    language, *rest = info.split() or [""]
    titles = [word.removeprefix("title=") for word in rest if word.startswith("title=")]
    return Block(language, titles[0] if titles else "", frozenset(rest), text)
