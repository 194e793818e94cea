"""The key pair that signs session tokens: made at first need, its public half told to the other service."""

import os
from collections.abc import Sequence
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from xencrm.campaigns.accounts.sessions import signing_store
from xencrm.campaigns.accounts.sessions.signing_store import StoredPair
from xencrm.campaigns.accounts.telling import tell
from xencrm.contracts.access import SIGNING_KEY_ADDED, SigningKeyAdded
from xencrm.kernel.database import Tx
from xencrm.kernel.http.session_tokens import key_id_of
from xencrm.kernel.secrets import derived_secret

PURPOSE = "signing-key"
_NONCE_BYTES = 12


async def signing_key(tx: Tx, secret: str) -> Ed25519PrivateKey:
    """The newest that this secret opens; after a change of the secret a new one is made."""
    return await _find(tx, secret) or await _make(tx, secret)


async def public_key(tx: Tx, key_id: str, secret: str) -> Ed25519PublicKey | None:
    """None for what another secret closed, as for what is not there: its sessions are over."""
    pair = await signing_store.find_pair(tx, key_id)
    key = _opened(pair, secret) if pair is not None else None
    return None if key is None else key.public_key()


async def announce(tx: Tx, secret: str | None) -> None:
    """Tells all public keys again. Those that the secret does not open are retired before."""
    if secret is not None:
        await signing_store.lock_keys(tx)
        await _retire_unopened(tx, secret)
    await _tell(tx, await signing_store.list_pairs(tx))


async def _find(tx: Tx, secret: str) -> Ed25519PrivateKey | None:
    opened = (_opened(pair, secret) for pair in await signing_store.list_pairs(tx))
    return next((key for key in opened if key is not None), None)


async def _make(tx: Tx, secret: str) -> Ed25519PrivateKey:
    await signing_store.lock_keys(tx)
    if (made_meanwhile := await _find(tx, secret)) is not None:
        return made_meanwhile
    await _tell(tx, await _retire_unopened(tx, secret))
    key = Ed25519PrivateKey.generate()
    pair = _closed(key, secret)
    await signing_store.insert_pair(tx, pair)
    await _tell(tx, [pair])
    return key


async def _retire_unopened(tx: Tx, secret: str) -> list[StoredPair]:
    """Whoever had the former secret can sign with what it closed."""
    unopened = [
        replace(pair, private_key=None)
        for pair in await signing_store.list_pairs(tx)
        if pair.private_key is not None and _opened(pair, secret) is None
    ]
    await signing_store.retire(tx, [pair.key_id for pair in unopened])
    return unopened


async def _tell(tx: Tx, pairs: Sequence[StoredPair]) -> None:
    bodies = [
        SigningKeyAdded(
            key_id=pair.key_id, public_key=pair.public_key.hex(), retired=pair.private_key is None
        )
        for pair in pairs
    ]
    await tell(tx, SIGNING_KEY_ADDED, [(body.key_id, body) for body in bodies])


def _closed(key: Ed25519PrivateKey, secret: str) -> StoredPair:
    key_id, nonce = key_id_of(key.public_key()), os.urandom(_NONCE_BYTES)
    private = nonce + _lid(secret).encrypt(nonce, key.private_bytes_raw(), key_id.encode())
    return StoredPair(key_id, key.public_key().public_bytes_raw(), private)


def _opened(pair: StoredPair, secret: str) -> Ed25519PrivateKey | None:
    if pair.private_key is None:
        return None
    nonce, private = pair.private_key[:_NONCE_BYTES], pair.private_key[_NONCE_BYTES:]
    try:
        return Ed25519PrivateKey.from_private_bytes(
            _lid(secret).decrypt(nonce, private, pair.key_id.encode())
        )
    except InvalidTag:
        return None


def _lid(secret: str) -> AESGCM:
    return AESGCM(bytes.fromhex(derived_secret(secret, PURPOSE)))
