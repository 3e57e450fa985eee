"""The typefaces of the PDF: the same on every machine, as far as they are there, and the signs that they have."""

import logging
import struct
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

logger = logging.getLogger(__name__)

# The package that brings it, its name and its file. Noto's Arabic cannot be copied out of a PDF correctly.
PACKAGES = (
    ("fontpkg_ibm_plex_sans", "IBM Plex Sans", "IBMPlexSans[wdth,wght].ttf"),
    ("fontpkg_ibm_plex_sans_arabic", "IBM Plex Sans Arabic", "IBMPlexSansArabic-Regular.ttf"),
)
# Too large for a package: from the system, if it has it.
CHINESE = "Noto Sans CJK SC"
CHINESE_FILES = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc"),
)
# Comes with typst; Latin and Cyrillic letters are what it surely has.
SUBSTITUTE = "Libertinus Serif"
SIGNS_OF_SUBSTITUTE = frozenset([*range(0x20, 0x180), *range(0x400, 0x460)])
NO_GLYPH = "\N{REPLACEMENT CHARACTER}"
MOST_NAMED = 10
# Some fonts have glyphs for these, yet they may not stand in a PDF/UA.
NOT_TEXT = frozenset([*range(0x20), 0xFEFF, 0xFFFE, 0xFFFF])
# Nothing is drawn for them: where a word may be broken, how letters join, in which direction a text runs.
NEVER_DRAWN = frozenset("\n\t\u200b\u200c\u200d\u200e\u200f\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Typefaces:
    folders: tuple[Path, ...]
    families: tuple[str, ...]
    missing: tuple[str, ...]
    # Code points that at least one of them has.
    signs: frozenset[int]


def typefaces_for(text):
    """Chinese is opened only where it is needed, for it takes a tenth of a second."""
    plain = _typefaces(with_chinese=False)
    return plain if all(_is_shown(sign, plain) for sign in set(text)) else _typefaces(with_chinese=True)


def replaced(text, typefaces):
    """The text with a stand-in for each sign that no typeface has: a single one would make the PDF impossible."""
    return "".join(_shown(sign, typefaces) for sign in text)


def without_marks(text):
    """Letters alone, without what stands above or below them and is a sign of its own."""
    return "".join(sign for sign in text if unicodedata.category(sign)[0] != "M")


def remarks(text, typefaces):
    """In words, what is missing."""
    said = [
        _("The typeface %(name)s is missing on the machine that made this document; another one stands in for it.")
        % {"name": name}
        for name in typefaces.missing
    ]
    lost = sorted({sign for sign in text if _shown(sign, typefaces) == NO_GLYPH != sign})
    if lost:
        names = ", ".join(f"U+{ord(sign):04X}" for sign in lost[:MOST_NAMED]) + (" …" if len(lost) > MOST_NAMED else "")
        said.append(
            ngettext(
                "%(number)d sign is shown as �, because the machine that made this document has no typeface with it "
                "(%(names)s).",
                "%(number)d different signs are shown as �, because the machine that made this document has no "
                "typeface with them (%(names)s).",
                len(lost),
            )
            % {"number": len(lost), "names": names}
        )
    for remark in said:
        logger.warning(remark)
    return said


def _shown(sign, typefaces):
    if _is_shown(sign, typefaces):
        return sign
    kind = unicodedata.category(sign)
    if kind == "Zs":
        return " "
    # Marks that are not seen, and those that change the sign before them, can be missing without harm to the meaning.
    return "" if kind in {"Cf", "Mn", "Me"} else NO_GLYPH


def _is_shown(sign, typefaces):
    return ord(sign) in typefaces.signs or sign in NEVER_DRAWN


@cache
def _typefaces(*, with_chinese):
    folders, families, missing, signs = [], [], [], set()
    for package, family, file in PACKAGES:
        spec = find_spec(package)
        if spec is None:
            missing.append(family)
            continue
        folder = Path(spec.submodule_search_locations[0], "files")
        folders.append(folder)
        families.append(family)
        signs |= signs_of(folder / file)
    chinese = next((file for file in CHINESE_FILES if file.exists()), None)
    if with_chinese and chinese:
        folders.append(chinese.parent)
        families.append(CHINESE)
        signs |= signs_of(chinese)
    if missing:
        families.append(SUBSTITUTE)
        signs |= SIGNS_OF_SUBSTITUTE
    return Typefaces(tuple(folders), tuple(families), tuple(missing), frozenset(signs))


def signs_of(path):
    """The code points for which a font has a glyph, from its table `cmap`, formats 4 and 12."""
    data = path.read_bytes()
    # Of a collection, the first font: all of ours have the same signs.
    start = struct.unpack_from(">I", data, 12)[0] if data[:4] == b"ttcf" else 0
    tables = struct.unpack_from(">H", data, start + 4)[0]
    directory = (struct.unpack_from(">4sIII", data, start + 12 + 16 * place) for place in range(tables))
    cmap = next(offset for tag, _sum, offset, _length in directory if tag == b"cmap")
    found = set()
    for place in range(struct.unpack_from(">H", data, cmap + 2)[0]):
        at = cmap + struct.unpack_from(">HHI", data, cmap + 4 + 8 * place)[2]
        kind = struct.unpack_from(">H", data, at)[0]
        if kind == 4:
            segments = struct.unpack_from(">H", data, at + 6)[0] // 2
            lasts = struct.unpack_from(f">{segments}H", data, at + 14)
            firsts = struct.unpack_from(f">{segments}H", data, at + 16 + 2 * segments)
            for first, last in zip(firsts, lasts, strict=True):
                found.update(range(first, last + 1))
        elif kind == 12:
            for group in range(struct.unpack_from(">I", data, at + 12)[0]):
                first, last, _glyph = struct.unpack_from(">III", data, at + 16 + 12 * group)
                found.update(range(first, last + 1))
    return found - NOT_TEXT
