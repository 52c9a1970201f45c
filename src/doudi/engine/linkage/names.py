"""Names as written are kept; what is compared is a key and a toneless reading, and the reading never alone.

Folding is for comparison only: nothing here changes what a page shows.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Literal

Agreement = Literal["same", "sounds_alike", "slip", "blank", "other"]

_DOTS = re.compile("[·•・．‧∙⋅.｡\u2022\\-]")
# Characters that old GBK fonts kept in the private-use area, and radicals typed for the character: NFKC leaves both.
_ODD = "\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue863\ue864⺠⻢⻓⻅⻋⻘⻛⻜⻝⻰"
_PLAIN = "\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba䶮\u9fbb民马长见车青风飞食龙"
_FOLDS = str.maketrans(_ODD, _PLAIN, "\u200b\ufeff")
# Readings as a surname, where the dictionary's first reading is that of the common word.
_SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "区": "ou", "朴": "piao", "查": "zha", "解": "xie", "覃": "qin",
    "盖": "ge", "缪": "miao", "员": "yun", "贠": "yun", "牟": "mu", "种": "chong", "繁": "po", "折": "she",
    "秘": "bi", "能": "nai", "乐": "yue", "召": "shao", "晁": "chao", "尉迟": "yuchi", "万俟": "moqi",
    "长孙": "zhangsun", "澹台": "tantai", "单于": "chanyu",
}  # fmt: skip


_INITIAL = "(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])"
_ALONE = "a|o|e|ai|ei|ao|ou|an|en|ang|eng|er"
_AFTER_INITIAL = "ong|i|ia|ie|iao|iu|ian|in|iang|ing|iong|u|ua|uo|uai|ui|uan|un|uang|ue|v|ve"
_COMPOUND = "|".join(said for written, said in _SURNAMES.items() if len(written) > 1)  # kept as one: `yuchi gong`
_SYLLABLE = re.compile(f"{_COMPOUND}|{_INITIAL}?(?:{_ALONE})|{_INITIAL}(?:{_AFTER_INITIAL})")
_BEGUN = re.compile(f"{_SYLLABLE.pattern}|{_INITIAL}(?:io|ion|on)?")
_LONGEST = 8  # zhangsun
_MOST_WAYS = 24


@lru_cache(maxsize=200_000)
def name_key(name: str) -> str:
    """The form under which two spellings of a name are one: width, blanks, dots, radicals folded."""
    folded = unicodedata.normalize("NFKC", name.translate(_FOLDS))
    return _DOTS.sub("", "".join(folded.split())).upper()


@lru_cache(maxsize=200_000)
def _syllables(name: str) -> tuple[str, ...]:
    key = name_key(name)
    for width in (2, 1):
        if said := _SURNAMES.get(key[:width]):
            return (said, *(_syllable(c) for c in key[width:]))
    return tuple(_syllable(c) for c in key)


@cache
def _syllable(character: str) -> str:
    from pypinyin.constants import PINYIN_DICT  # a large table: read when the first name is

    first = PINYIN_DICT.get(ord(character), character).split(",")[0]
    plain = unicodedata.normalize("NFD", first.replace("ü", "v"))
    return "".join(c for c in plain if not unicodedata.combining(c)).lower()


def reading(name: str) -> str:
    """The toneless reading in parted syllables: 梅桂英 → `mei gui ying`; what has no reading stands as it is."""
    return " ".join(_syllables(name))


def readings_typed(letters: str) -> tuple[str, ...]:
    """The beginnings of readings that letters typed without parting them may mean: jiashout → `jia shou t`.

    Letters may part in several ways (xian: 西安 or 先); the last syllable need not be whole. None when they part in no
    way, at most 24.
    """
    found: list[str] = []
    waiting = [("", letters.lower())]
    while waiting and len(found) < _MOST_WAYS:
        parted, rest = waiting.pop()
        if _BEGUN.fullmatch(rest):
            found.append(parted + rest)
        for end in range(1, min(len(rest), _LONGEST + 1)):
            if _SYLLABLE.fullmatch(rest[:end]):
                waiting.append((f"{parted}{rest[:end]} ", rest[end:]))
    return tuple(found)


def initials(name: str) -> str:
    """First letters of the reading, for search: 梅桂英 → `mgy`."""
    return "".join(s[0] for s in _syllables(name))


def compare_names(one: str, other: str) -> Agreement:
    """How far two names agree: same key, same reading, one slip in three or more characters, a blank, or not.

    Two characters with one changed are other names: father and son differ no more than that.
    """
    left, right = name_key(one), name_key(other)
    if not left or not right:
        return "blank"
    if left == right:
        return "same"
    if _syllables(one) == _syllables(other):
        return "sounds_alike"
    if len(left) == len(right) >= 3 and sum(a != b for a, b in zip(left, right, strict=True)) == 1:
        return "slip"
    return "other"
