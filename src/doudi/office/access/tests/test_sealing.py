from __future__ import annotations

import threading
import time
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from doudi.engine.values import new_id
from doudi.office.access import keys
from doudi.office.access.crypto import Altered, SoftwareCrypto
from doudi.office.access.sealing import blind_index, last_four_index, normalised, open_text, seal_text

NUMBER = "341599194001010018"
ROW = UUID(int=7)


@pytest.fixture
def key_file(settings: LazySettings, tmp_path: Path) -> Path:
    settings.KEYS_FILE = tmp_path / "keys.json"
    return settings.KEYS_FILE


def test_sm4_gcm_gives_what_rfc_8998_says() -> None:
    key, nonce = bytes.fromhex("0123456789abcdeffedcba9876543210"), bytes.fromhex("00001234567800000000abcd")
    bound = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = bytes.fromhex("a" * 16 + "b" * 16 + "c" * 16 + "d" * 16 + "e" * 16 + "f" * 16 + "e" * 16 + "a" * 16)
    secret = bytes.fromhex(
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
    )
    tag = bytes.fromhex("83de3541e4c2b58177e065a9bf7b62ec")
    crypto = SoftwareCrypto()
    assert crypto.encrypt(key, plain, bound, nonce=nonce) == nonce + secret + tag
    assert crypto.decrypt(key, nonce + secret + tag, bound) == plain


def test_sm3_gives_what_the_standard_says() -> None:
    from cryptography.hazmat.primitives.hashes import SM3, Hash

    digest = Hash(SM3())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_sealed_value_opens_in_its_place_only(key_file: Path) -> None:
    sealed = seal_text("registry_person", "number", ROW, NUMBER)
    assert NUMBER.encode() not in sealed
    assert open_text("registry_person", "number", ROW, memoryview(sealed)) == NUMBER
    places = [("registry_person", "number", new_id()), ("registry_person", "phone", ROW), ("other", "number", ROW)]
    for place in [*places, ("registry_personn", "umber", ROW)]:
        with pytest.raises(Altered):
            open_text(*place, sealed)


def test_every_flipped_byte_and_every_cut_is_noticed(key_file: Path) -> None:
    sealed = seal_text("t", "c", ROW, NUMBER)
    for at in range(len(sealed)):
        flipped = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        for altered in (flipped, sealed[:at]):
            with pytest.raises(Altered):
                open_text("t", "c", ROW, altered)


def test_the_same_value_is_never_sealed_alike_and_always_found_alike(key_file: Path) -> None:
    assert seal_text("t", "c", ROW, NUMBER) != seal_text("t", "c", ROW, NUMBER)
    typed = "３４１５９９ 19400101-001x"
    assert normalised(typed) == "34159919400101001X"
    assert blind_index("t.c", typed) == blind_index("t.c", "34159919400101001X")
    assert blind_index("t.c", NUMBER) != blind_index("t.d", NUMBER)
    assert last_four_index("t.c", NUMBER) == last_four_index("t.c", "0018") != blind_index("t.c", "0018")


def test_a_newer_key_seals_and_the_older_one_still_opens(key_file: Path) -> None:
    old, index = seal_text("t", "c", ROW, NUMBER), blind_index("t.c", NUMBER)
    call_command("sealing_keys", add=True)
    assert seal_text("t", "c", ROW, NUMBER)[:3] == b"\x01\x00\x02" != old[:3]
    assert open_text("t", "c", ROW, old) == NUMBER
    assert blind_index("t.c", NUMBER) == index


def test_the_key_file_is_made_once_and_for_its_owner_alone(key_file: Path) -> None:
    threads = [threading.Thread(target=keys.make, args=[key_file]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = key_file.read_text()
    keys.keys()
    assert key_file.read_text() == made and key_file.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in key_file.parent.iterdir()] == ["keys.json"]
    with pytest.raises(CommandError, match="there already"):
        call_command("sealing_keys")


def test_an_office_without_keys_or_with_open_ones_does_not_start(key_file: Path, settings: LazySettings) -> None:
    settings.DEMO = False
    with pytest.raises(ImproperlyConfigured, match="DOUDI_KEYS"):
        keys.keys()
    keys.make(key_file)
    key_file.chmod(0o640)
    with pytest.raises(ImproperlyConfigured, match="chmod 600"):
        keys.keys()
    key_file.chmod(0o600)
    key_file.write_text("{}")
    with pytest.raises(ImproperlyConfigured, match="damaged"):
        keys.keys()


def test_sealing_keeps_up_with_an_import(key_file: Path) -> None:
    """3,000 rows a second with several values each; twenty times as many values as one row needs, on a slow day."""
    started = time.perf_counter()
    for _ in range(2000):
        seal_text("registry_person", "number", ROW, NUMBER)
        blind_index("registry_person.number", NUMBER)
    assert 2000 / (time.perf_counter() - started) > 6000
