"""API keys."""

import hashlib
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediagen.access.api_keys import hash_key, is_well_formed, new_key

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KEY = new_key("vsl_homolog", lambda alphabet: alphabet[42])


def test_a_key_names_its_environment_and_has_32_random_and_6_check_characters() -> None:
    assert re.fullmatch(r"vsl_homolog_[0-9A-Za-z]{32}[0-9A-Za-z]{6}", new_key("vsl_homolog"))


def test_the_check_characters_are_the_crc_32_of_the_rest_in_base62() -> None:
    value = 0
    for character in KEY[-6:]:
        value = value * 62 + BASE62.index(character)
    assert value == zlib.crc32(KEY[:-6].encode())


def test_every_random_character_is_chosen_from_all_62() -> None:
    asked: list[str] = []

    def choose(alphabet: str) -> str:
        asked.append(alphabet)
        return alphabet[0]

    new_key("vsl_homolog", choose)
    assert asked == [BASE62] * 32  # 32 times log2(62) = 190 bits


def test_two_thousand_keys_differ_and_use_the_whole_alphabet_at_every_place() -> None:
    keys = [new_key("vsl_homolog") for _ in range(2000)]
    assert len(set(keys)) == 2000
    for place in range(len("vsl_homolog_"), len("vsl_homolog_") + 32):
        assert {key[place] for key in keys} == set(BASE62)  # missing one by chance: (61/62)^2000 < 10^-14


@given(st.from_regex(r"vsl_[a-z][a-z0-9]{1,15}", fullmatch=True))
def test_a_new_key_is_well_formed_in_every_environment(prefix: str) -> None:
    assert is_well_formed(new_key(prefix))


def test_every_typo_of_one_character_is_refused() -> None:
    for place in range(len(KEY)):
        typos = [KEY[:place] + other + KEY[place + 1 :] for other in BASE62 + "_-é \n\0" if other != KEY[place]]
        assert not any(map(is_well_formed, typos))


def test_a_lost_or_doubled_character_is_refused() -> None:
    for place in range(len(KEY)):
        assert not is_well_formed(KEY[:place] + KEY[place + 1 :])
        assert not is_well_formed(KEY[: place + 1] + KEY[place:])


def test_two_swapped_characters_are_refused() -> None:
    key = new_key("vsl_homolog")
    for place in range(len("vsl_homolog_"), len(key) - 1):
        swapped = key[:place] + key[place + 1] + key[place] + key[place + 2 :]
        assert swapped == key or not is_well_formed(swapped)


@pytest.mark.parametrize("key", ["", "vsl_", "vsl_homolog_", "x", KEY + "\n", " " + KEY, KEY.upper(), "Bearer " + KEY])
def test_a_malformed_key_is_refused(key: str) -> None:
    assert not is_well_formed(key)


def test_fitting_check_characters_do_not_make_a_key_of_a_short_text() -> None:
    body = "vsl_homolog_short"
    value, characters = zlib.crc32(body.encode()), ""
    for _ in range(6):
        value, digit = divmod(value, 62)
        characters = BASE62[digit] + characters
    assert not is_well_formed(body + characters)


@given(st.text())
def test_no_text_makes_the_check_fail(key: str) -> None:
    assert not is_well_formed(key)


def test_only_the_sha_256_is_stored() -> None:
    assert hash_key(KEY) == hashlib.sha256(KEY.encode()).digest()
    assert len(hash_key(KEY)) == 32
