"""Secrets for single purposes out of the installation's one secret."""

import hashlib
import hmac
from collections.abc import Callable


def derived_secret(secret: str, purpose: str) -> str:
    """64 hexadecimal characters; knowing them tells nothing of the secret or of another purpose."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def local_api_key(secret: str) -> str:
    """The admin's key of an installation: always the same for the same secret."""
    key_id = derived_secret(secret, "local-admin-id")[:12]
    return f"xk_{key_id}_{derived_secret(secret, 'local-admin-key')}"


def keyed_hash(secret: str, purpose: str) -> Callable[[str], bytes]:
    """A function from a text to 16 bytes: the same for the same text, and nobody without the secret can
    tell which text it was (BLAKE2 with a key)."""
    key = hashlib.blake2s(secret.encode(), person=purpose.encode()[:8]).digest()

    def hashed(text: str) -> bytes:
        return hashlib.blake2s(text.encode(), digest_size=16, key=key).digest()

    return hashed
