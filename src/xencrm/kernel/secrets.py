"""Secrets for single purposes out of the installation's one secret."""

import hashlib
import hmac


def derived_secret(secret: str, purpose: str) -> str:
    """64 hexadecimal characters; knowing them tells nothing of the secret or of another purpose."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).hexdigest()
