"""Which of the encodings before Unicode a text is in."""

from __future__ import annotations

import re

from charset_normalizer import from_bytes

_WESTERN = ("cp1252", "mac_roman", "cp850")
_OTHERS = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
]
_LETTERS = "À-ÖØ-öø-ÿŠšŽžŒœŸ"
_SYMBOLS = "‘’‚“”„–—…•€£¥§°©®™«»‹›¿¡ªº´·¨×±µ½¼¾²³¹¢\u00a0"
_ODD = re.compile(
    rf"[^\x00-\x7f{_LETTERS}{_SYMBOLS}]"  # no character of Western prose
    rf"|[{_LETTERS}]{{3}}"  # three accented letters in a row
    rf"|[a-zA-Z{_LETTERS}][^\x00-\x7f{_LETTERS}’‘´·\u00a0–—-][a-zA-Z{_LETTERS}]"  # a symbol inside a word
    r"|[A-Za-z][ŠŽŒŸÀ-ÖØ-Þ][a-z]"  # a capital inside a word
    r"|[a-z][ŠŽŒŸÀ-ÖØ-Þ]"
)
_TOLERATED = 0.02


def legacy_encoding(sample: bytes) -> str:
    """The likeliest 8-bit or East Asian encoding of a sample that is not UTF-8.

    Western text is told by its looks, because statistical detection mistakes short Western samples for
    others; what does not look Western is left to charset-normalizer.

    Args:
        sample: lines that hold bytes above 127.

    Returns:
        A codec's name; cp1252 where nothing fits better.
    """
    for encoding in _WESTERN:
        text = sample.decode(encoding, "surrogateescape")
        n_high = len(text) - len(text.encode("ascii", "ignore"))
        if len(_ODD.findall(text)) <= _TOLERATED * n_high:
            return encoding
    best = from_bytes(sample, cp_isolation=_OTHERS).best()
    return best.encoding if best else "cp1252"
