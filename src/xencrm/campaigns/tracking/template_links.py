"""The links of a Liquid template whose scheme and host stand literally in it.

They are found in Liquid's syntax tree, once for each version of a template; for a message only the addresses
are filled in. A customer's data can be in what comes after the host, and nowhere before that.
"""

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final, Protocol, TextIO

from liquid import RenderContext
from liquid.ast import BlockNode, Node
from liquid.builtin.content import ContentNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.template import BoundTemplate
from msgspec import Struct

from xencrm.campaigns.tracking.html_links import (
    attribute_text,
    end_of_body,
    find_hrefs,
    has_literal_host,
)

# The variable that holds the Tracker of a message; no template can name it.
TRACKER: Final = "(tracker)"
MOST_CHARACTERS: Final = 2_000
_PLACE: Final = "\0"
_UNSUBSCRIBE: Final = "unsubscribe_url"


class TemplateLink(Struct, frozen=True):
    """`url` as the template has it, variables and all: the same for everybody. `key` stands for it."""

    url: str
    key: int


class Tracker(Protocol):
    """What one message has instead of its links."""

    def address(self, link: TemplateLink, target: str) -> str:
        """The value of an `href` that would say `target`, both as they stand in HTML."""
        ...

    def pixel(self) -> str:
        """HTML that tells when it is shown."""
        ...


class TrackedNode(Node):
    """The value of an `href`; without a link, the place of the pixel."""

    __slots__ = ("link", "nodes")

    def __init__(self, first: Node, nodes: Sequence[Node], link: TemplateLink | None) -> None:
        super().__init__(first.token)
        self.blank = False
        self.nodes = nodes
        self.link = link

    def __str__(self) -> str:
        return "".join(map(str, self.nodes))

    def children(self, static_context: RenderContext, *, include_partials: bool = True) -> Sequence[Node]:
        return self.nodes

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        inner = context.get_buffer(buffer)
        for node in self.nodes:
            node.render(context, inner)
        return buffer.write(self.written(context.globals, inner.getvalue()))

    def written(self, variables: Mapping[str, object], inner: str) -> str:
        """What stands in the message in place of `inner`."""
        tracker: Tracker = variables[TRACKER]  # type: ignore[assignment]
        return tracker.address(self.link, inner) if self.link else tracker.pixel()


def track(template: BoundTemplate) -> tuple[TemplateLink, ...]:
    """Changes the template: from now on it renders only with a Tracker. Returns its links, each once."""
    links: dict[str, TemplateLink] = {}
    _track_nodes(template.nodes, links)
    _track_blocks(template.nodes, template.context_class(template), links)
    _add_pixel(template)
    return tuple(links.values())


def link_of(url: str) -> TemplateLink:
    digest = hashlib.blake2s(url.encode(), digest_size=8).digest()
    return TemplateLink(url, int.from_bytes(digest, signed=True))


def _track_blocks(nodes: Sequence[Node], context: RenderContext, links: dict[str, TemplateLink]) -> None:
    """Not what is captured: filters may make anything of it."""
    for node in nodes:
        if isinstance(node, CaptureNode | TrackedNode):
            continue
        if isinstance(node, BlockNode):
            _track_nodes(node.nodes, links)
        _track_blocks(list(node.children(context)), context, links)


def _track_nodes(nodes: list[Node], links: dict[str, TemplateLink]) -> None:
    """An `href` that begins in one block and ends in another is left alone."""
    spread = _Spread(nodes)
    changed: list[Node] = []
    position = 0
    for start, end in find_hrefs(spread.text):
        inner = spread.between(start, end)
        link = _link(inner) if has_literal_host(spread.text, start, end) else None
        if link is not None:
            links.setdefault(link.url, link)
            changed += [*spread.between(position, start), TrackedNode(inner[0], inner, link)]
            position = end
    if changed:
        nodes[:] = [*changed, *spread.between(position, len(spread.text))]


def _link(inner: Sequence[Node]) -> TemplateLink | None:
    """None for what is too long, and for whatever has to do with unsubscribing."""
    url = attribute_text("".join(map(str, inner))).strip()
    return None if len(url) > MOST_CHARACTERS or _UNSUBSCRIBE in url else link_of(url)


def _add_pixel(template: BoundTemplate) -> None:
    spread = _Spread(template.nodes)
    place = end_of_body(spread.text)
    before, after = spread.between(0, place), spread.between(place, len(spread.text))
    if template.nodes:
        template.nodes = [*before, TrackedNode(template.nodes[0], (), None), *after]


class _Spread:
    """Nodes beside one another as one text, in which each that is not text has one place."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._nodes = list(nodes)
        texts = [_text_of(node) for node in nodes]
        self._starts = list(accumulate(map(len, texts), initial=0))
        self.text = "".join(texts)

    def between(self, start: int, end: int) -> list[Node]:
        """The nodes there, those of text cut to it."""
        first, after = bisect_right(self._starts, start) - 1, bisect_left(self._starts, end)
        return [
            _cut(self._nodes[place], max(start - self._starts[place], 0), end - self._starts[place])
            for place in range(first, after)
        ]


def _text_of(node: Node) -> str:
    return node.text.replace(_PLACE, " ") if isinstance(node, ContentNode) else _PLACE


def _cut(node: Node, start: int, end: int) -> Node:
    return ContentNode(node.token, node.text[start:end]) if isinstance(node, ContentNode) else node
