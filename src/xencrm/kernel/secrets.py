"""Secrets for single purposes out of the installation's one secret."""

import hashlib
import hmac


def derived_secret(secret: str, purpose: str) -> str:
    """64 hexadecimal characters; knowing them tells nothing of the secret or of another purpose."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def local_api_key(secret: str) -> str:
    """The admin's key of an installation: always the same for the same secret."""
    key_id = derived_secret(secret, "local-admin-id")[:12]
    return f"xk_{key_id}_{derived_secret(secret, 'local-admin-key')}"
