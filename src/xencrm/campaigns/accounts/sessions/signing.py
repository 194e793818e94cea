"""The key pair that signs session tokens: made at first need, its public half told to the other service."""

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
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


async def announce(tx: Tx) -> int:
    """Tells all public keys again; returns how many."""
    pairs = await signing_store.list_pairs(tx)
    await _tell(tx, pairs)
    return len(pairs)


async def _find(tx: Tx, secret: str) -> Ed25519PrivateKey | None:
    opened = (_opened(pair, secret) for pair in await signing_store.list_pairs(tx))
    return next((key for key in opened if key is not None), None)


async def _make(tx: Tx, secret: str) -> Ed25519PrivateKey:
    await signing_store.lock_keys(tx)
    if (made_meanwhile := await _find(tx, secret)) is not None:
        return made_meanwhile
    key = Ed25519PrivateKey.generate()
    pair = _closed(key, secret)
    await signing_store.insert_pair(tx, pair)
    await _tell(tx, [pair])
    return key


async def _tell(tx: Tx, pairs: Sequence[StoredPair]) -> None:
    bodies = [SigningKeyAdded(key_id=pair.key_id, public_key=pair.public_key.hex()) for pair in pairs]
    await tell(tx, SIGNING_KEY_ADDED, [(body.key_id, body) for body in bodies])


def _closed(key: Ed25519PrivateKey, secret: str) -> StoredPair:
    key_id, nonce = key_id_of(key.public_key()), os.urandom(_NONCE_BYTES)
    private = nonce + _lid(secret).encrypt(nonce, key.private_bytes_raw(), key_id.encode())
    return StoredPair(key_id, key.public_key().public_bytes_raw(), private)


def _opened(pair: StoredPair, secret: str) -> Ed25519PrivateKey | None:
    nonce, private = pair.private_key[:_NONCE_BYTES], pair.private_key[_NONCE_BYTES:]
    try:
        return Ed25519PrivateKey.from_private_bytes(
            _lid(secret).decrypt(nonce, private, pair.key_id.encode())
        )
    except InvalidTag:
        return None


def _lid(secret: str) -> AESGCM:
    return AESGCM(bytes.fromhex(derived_secret(secret, PURPOSE)))
