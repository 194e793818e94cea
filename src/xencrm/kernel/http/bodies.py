"""Which bodies are read at all."""

from collections.abc import Mapping

from xencrm.kernel.errors import NotTaken


def check_kind(headers: Mapping[str, str], taken: frozenset[str]) -> None:
    """Raises NotTaken. A body without a media type counts as JSON; a packed one (gzip) is not unpacked."""
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise NotTaken("Send the body as it is, without Content-Encoding.", {"accept-encoding": "identity"})
    kind = media_type(headers.get("content-type", ""))
    if kind and kind not in taken:
        accepted = ", ".join(sorted(taken))
        raise NotTaken(f"Send {accepted}.", {"accept": accepted})


def media_type(content_type: str) -> str:
    """Without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()
