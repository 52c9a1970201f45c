"""The one port to cryptography: GM/T algorithms by software today, a certified module of the office's choice tomorrow.

A Python wheel is no certified module; whoever needs one puts another `Crypto` behind `provider()`.
"""

from __future__ import annotations

import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.hmac import HMAC

NONCE, TAG = 12, 16


class Altered(ValueError):
    """What was to be opened is not what was sealed, or not in this place, or not with this key."""


class Crypto(Protocol):
    def encrypt(self, key: bytes, plain: bytes, bound_to: bytes) -> bytes:
        """nonce | ciphertext | tag, readable only with `key` and the same `bound_to`."""

    def decrypt(self, key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        """Raises Altered."""

    def mac(self, key: bytes, text: bytes) -> bytes:
        """A keyed digest of 32 bytes."""


class SoftwareCrypto:
    """SM4-GCM (RFC 8998) and HMAC-SM3 of the `cryptography` wheel."""

    def __init__(self) -> None:
        self._macs: dict[bytes, HMAC] = {}

    def encrypt(self, key: bytes, plain: bytes, bound_to: bytes, *, nonce: bytes = b"") -> bytes:
        nonce = nonce or os.urandom(NONCE)
        sealer = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
        sealer.authenticate_additional_data(bound_to)
        return b"".join((nonce, sealer.update(plain), sealer.finalize(), sealer.tag))

    def decrypt(self, key: bytes, sealed: bytes, bound_to: bytes) -> bytes:
        if len(sealed) < NONCE + TAG:
            raise Altered("too short")
        opener = Cipher(algorithms.SM4(key), modes.GCM(sealed[:NONCE], sealed[-TAG:])).decryptor()
        opener.authenticate_additional_data(bound_to)
        try:
            return opener.update(sealed[NONCE:-TAG]) + opener.finalize()
        except InvalidTag:
            raise Altered("altered, or moved from another place") from None

    def mac(self, key: bytes, text: bytes) -> bytes:
        keyed = self._macs.get(key)
        if keyed is None:  # a keyed context costs more than the digest: copy it
            keyed = self._macs[key] = HMAC(key, SM3())
        digest = keyed.copy()
        digest.update(text)
        return digest.finalize()


_software = SoftwareCrypto()


def provider() -> Crypto:
    return _software
