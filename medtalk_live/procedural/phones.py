"""The phone inventory: articulatory features, alphabets, phone classes and visemes.

A symbol of any supported alphabet becomes one or more ``Phone`` values, which
carry what the lips and tongue do (place, manner, openness, rounding) and not
how the symbol was spelt. ``phones.csv`` lists the IPA chart, ``alphabets.csv``
spells other alphabets in IPA, ``phone_classes.csv`` groups phones into the
classes that the network is trained on and the measures score. Pure, no I/O
after import; any thread. Source: the IPA chart (2020); ARPAbet and TIMIT.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import Final

from medtalk_live.errors import PhoneError

ALPHABETS: Final = ("ipa", "arpabet", "ru-festvox")


@dataclass(frozen=True)
class Phone:
    """One speech sound as the mouth makes it; lengths of openness etc. are 0..1.

    ``openness`` and ``backness`` matter for vowels only (0 close, front; 1 open,
    back); ``rounding`` is 0 where the sound leaves the lips to its neighbours.
    ``glide`` is the second target of a diphthong. Consonants have a ``place``
    and a ``manner``, vowels have empty ones.
    """

    symbol: str
    kind: str
    phone_class: str
    place: str = ""
    manner: str = ""
    voiced: bool = False
    openness: float = 0.0
    backness: float = 0.0
    rounding: float = 0.0
    nasal: bool = False
    long: bool = False
    rhotic: bool = False
    palatalised: bool = False
    glide: Phone | None = None

    @property
    def class_index(self) -> int:
        """Index into ``PHONE_CLASSES``."""
        return CLASS_INDEX[self.phone_class]

    @property
    def is_vowel(self) -> bool:
        """Whether it is a vowel or diphthong."""
        return self.kind == "vowel"

    @property
    def is_silence(self) -> bool:
        """Whether nothing is said."""
        return self.kind == "silence"


@dataclass(frozen=True)
class PhoneClass:
    """A group of phones that the network tells apart and the measures score."""

    name: str
    viseme: str
    openness_rank: float | None
    measure: str


def _rows(name: str) -> list[dict[str, str]]:
    text = files("medtalk_live.procedural").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _read_classes() -> tuple[PhoneClass, ...]:
    return tuple(
        PhoneClass(
            row["phone_class"],
            row["viseme"],
            float(row["openness_rank"]) if row["openness_rank"] else None,
            row["measure"],
        )
        for row in _rows("phone_classes.csv")
    )


def _read_phones() -> dict[str, Phone]:
    return {
        row["symbol"]: Phone(
            symbol=row["symbol"],
            kind=row["kind"],
            phone_class=row["phone_class"],
            place=row["place"],
            manner=row["manner"],
            voiced=row["voiced"] == "1",
            openness=float(row["openness"] or 0),
            backness=float(row["backness"] or 0),
            rounding=float(row["rounding"] or 0),
            nasal=row["manner"] == "nasal",
        )
        for row in _rows("phones.csv")
    }


CLASSES: Final = _read_classes()
PHONE_CLASSES: Final = tuple(c.name for c in CLASSES)
CLASS_INDEX: Final = {name: i for i, name in enumerate(PHONE_CLASSES)}
VISEMES: Final = (
    *("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS"),
    *("nn", "RR", "aa", "E", "ih", "oh", "ou"),
)
CLASS_TO_VISEME: Final = tuple(VISEMES.index(c.viseme) for c in CLASSES)
OPENNESS_RANK: Final = {c.name: c.openness_rank for c in CLASSES if c.openness_rank is not None}
BILABIAL: Final = frozenset(c.name for c in CLASSES if c.measure == "bilabial")
LABIODENTAL: Final = frozenset(c.name for c in CLASSES if c.measure == "labiodental")
ROUNDED: Final = frozenset(c.name for c in CLASSES if c.measure == "rounded")
SPREAD: Final = frozenset(c.name for c in CLASSES if c.measure == "spread")
ALVEOLAR: Final = frozenset(c.name for c in CLASSES if c.measure == "alveolar")

SILENCE: Final = Phone("", "silence", "sil")
_IPA: Final = _read_phones()
_SPELLINGS: Final = {(row["alphabet"], row["symbol"]): row["ipa"] for row in _rows("alphabets.csv")}

_PAUSES: Final = frozenset(
    {"", "sil", "sp", "spn", "ssil", "pau", "h#", "epi", "<eps>", "<sil>", "<p:>", "(.)"}
) | frozenset("#_^$.,;:!?…—–-|‖↗↘¿¡")
# Spellings that several engines use for one IPA symbol or a sequence of them.
_ALIASES: Final = {
    "ʧ": "tʃ",
    "ʤ": "dʒ",
    "ʦ": "ts",
    "ʣ": "dz",
    "ʨ": "tɕ",
    "ʥ": "dʑ",
    "ꭧ": "ʈʂ",
    "ꭦ": "ɖʐ",
    "g": "ɡ",
    "ɫ": "l",
    "ᵻ": "ɪ",
    "ᵊ": "ə",
    "ᵿ": "ʊ",
    "ɚ": "ə˞",
    "ɝ": "ɜ˞",
    "ɿ": "ɨ",
    "ʅ": "ɨ",
    "ε": "ɛ",
    "ǝ": "ə",
    # Kokoro's capitals stand for English diphthongs.
    "A": "eɪ",
    "I": "aɪ",
    "W": "aʊ",
    "Y": "ɔɪ",
    "O": "oʊ",
    "Q": "əʊ",
}
_STRESS: Final = {"ˈ": 1, "ˌ": 2, "'": 1}
_IGNORED: Final = frozenset('"͜͡˥˦˧˨˩0123456789.-_()|‖ˀˑʰʱⁿˡᵝꜛꜜ↗↘→↓↑* ‿')
_RHOTIC: Final = frozenset("˞ʴ")
_PALATAL: Final = frozenset("ʲ’ʹ;")
_ROUNDING: Final = {"ʷ": 0.8, "ᶣ": 0.8, "̹": 0.2}


@dataclass(frozen=True)
class Symbol:
    """What one label says: its phones in order and its stress (0, 1 or 2).

    ``phones`` is empty for a mark that only changes its neighbours, such as a
    stress mark or a length mark that stands alone.
    """

    phones: tuple[Phone, ...]
    stress: int = 0


@lru_cache(maxsize=4096)
def parse_symbol(symbol: str, alphabet: str = "ipa") -> Symbol:
    """Read one label of an alphabet; several phones where the label holds several.

    Args:
        symbol: For example ``"ˈaɪ"``, ``"tʲ"``, ``"AH0"``, ``"pau"``, ``"zh"``.
        alphabet: One of ``ALPHABETS``.

    Raises:
        PhoneError: The alphabet or the symbol is unknown.
    """
    if alphabet not in ALPHABETS:
        raise PhoneError(
            f"Found the phone alphabet '{alphabet}', expected one of {', '.join(ALPHABETS)}: "
            "name the one that your labels use."
        )
    text = symbol.strip()
    if text.lower() in _PAUSES:
        return Symbol((SILENCE,))
    if alphabet == "ipa":
        return _parse_ipa(text)
    bare = text.lower().rstrip("0123456789") or text.lower()
    spelt = _SPELLINGS.get((alphabet, bare))
    if spelt is None:
        raise PhoneError(_unknown(symbol, alphabet))
    stress = 1 if text.endswith("1") else 2 if text.endswith("2") else 0
    parsed = _parse_ipa(spelt)
    return Symbol(parsed.phones, stress or parsed.stress)


def phone(symbol: str, alphabet: str = "ipa") -> Phone:
    """Give the one phone that a label stands for.

    Raises:
        PhoneError: The label holds none or several, or is unknown.
    """
    phones = parse_symbol(symbol, alphabet).phones
    if len(phones) != 1:
        raise PhoneError(
            f"Found {len(phones)} phones in '{symbol}', expected one: use parse_symbol for such."
        )
    return phones[0]


def _unknown(symbol: str, alphabet: str) -> str:
    return (
        f"Found the phone symbol '{symbol}', expected one of the {alphabet} alphabet: "
        f"correct the label or name another alphabet ({', '.join(ALPHABETS)})."
    )


def _parse_ipa(text: str) -> Symbol:
    """Split a string of IPA into phones, diphthongs and affricates joined."""
    chars = _normalised(text)
    phones: list[Phone] = []
    stress = 0
    at = 0
    while at < len(chars):
        base = chars[at : at + 2] if chars[at : at + 2] in _IPA else chars[at]
        if base in _IPA:
            phones.append(_IPA[base])
            at += len(base)
            continue
        stress = stress or _STRESS.get(base, 0)
        if not _is_mark(base):
            raise PhoneError(_unknown(text, "ipa"))
        if phones:
            phones[-1] = _marked(phones[-1], base)
        at += 1
    return Symbol(join_diphthongs(tuple(phones)), stress)


def _normalised(text: str) -> str:
    """Decompose accents, drop ties, and spell every symbol as ``phones.csv`` does."""
    text = re.sub(r"\([a-z-]+\)", "", text)  # espeak's language switches
    if len(text) > 1 and text[-1] == "'":
        text = text[:-1] + "ʲ"
    chars = unicodedata.normalize("NFD", text).replace("c\u0327", "ç")
    chars = "".join(c for c in chars if c not in "͜͡\u200d\u200c")
    chars = "".join(_ALIASES.get(c, c) for c in chars)
    return chars.replace("əl̩", "l̩")


def _is_mark(char: str) -> bool:
    known = char in _STRESS or char in _IGNORED or char in "ː:" or char in _RHOTIC
    return (
        known
        or char in _PALATAL
        or char in _ROUNDING
        or unicodedata.category(char) in ("Mn", "Lm", "Sk")
    )


def _marked(base: Phone, mark: str) -> Phone:
    """Apply one diacritic; those that no lip can show are ignored."""
    if mark in "ː:":
        return replace(base, symbol=base.symbol + "ː", long=True)
    if mark == "\u0303":
        return replace(base, symbol=base.symbol + mark, nasal=True)
    if mark in _RHOTIC:
        rounding = max(base.rounding, 0.3)
        central = base.symbol in ("ə", "ɜ")
        name = "er" if central else base.phone_class
        return replace(
            base, symbol=base.symbol + mark, rhotic=True, rounding=rounding, phone_class=name
        )
    if mark in _PALATAL:
        return replace(base, symbol=base.symbol + "ʲ", palatalised=True)
    if mark in _ROUNDING:
        return replace(
            base, symbol=base.symbol + mark, rounding=max(base.rounding, _ROUNDING[mark])
        )
    return base


def join_diphthongs(phones: tuple[Phone, ...]) -> tuple[Phone, ...]:
    """Join vowel pairs inside one label: a closing or centring pair is a diphthong.

    An opening pair (Mandarin ia, ua) becomes a semivowel and its vowel.
    """
    joined: list[Phone] = []
    for current in phones:
        last = joined[-1] if joined else None
        pair = last is not None and last.is_vowel and current.is_vowel and last.glide is None
        if not pair or last is None:
            joined.append(current)
        elif _is_opening(last, current):
            joined[-1] = _IPA["ɥ" if last.symbol[0] == "y" else "w" if last.rounding > 0.5 else "j"]
            joined.append(current)
        else:
            joined[-1] = diphthong(last, current)
    return tuple(joined)


def _is_opening(first: Phone, second: Phone) -> bool:
    return (
        first.openness < 0.1 and second.openness > 0.3 and second.symbol != "ə" and not first.long
    )


def diphthong(first: Phone, second: Phone) -> Phone:
    """Make one vowel with a glide, in the class that English has for such a pair."""
    closing = second.openness < min(first.openness, 0.45)
    name = first.phone_class
    if closing and second.rounding < 0.5:
        name = "oy" if first.rounding > 0.3 else "ay" if first.openness > 0.65 else "ey"
    elif closing:
        name = "aw" if first.openness > 0.72 else "ow"
    return replace(
        first, symbol=first.symbol + second.symbol, phone_class=name, glide=second, long=True
    )
