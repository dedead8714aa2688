"""Encodings are found out; what can't be decoded is told, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from cx_metrics.contacts.legacy import legacy_encoding
from cx_metrics.errors import BadExtract
from tests.contacts.reading import opened, write

WESTERN = "id,note\n1,Zoë Müller naïve\n2,“quoted” – 5 € déjà vu\n3,El técnico no llegó mañana ¿por qué?\n"
JAPANESE = "id,note\n1,私の技術者はどこですか\n2,請求書が間違っています。なぜですか？\n"


@pytest.mark.parametrize(
    ("encoding", "found", "text"),
    [
        ("utf-8", "utf-8", WESTERN),
        ("utf-8-sig", "utf-8", WESTERN),
        ("utf-16", "utf-16", WESTERN),
        ("utf-16-le", "utf-16-le", WESTERN),
        ("utf-16-be", "utf-16-be", WESTERN),
        ("utf-32", "utf-32", WESTERN),
        ("cp1252", "cp1252", WESTERN),
        ("latin-1", "cp1252", "id,note\n1,Größe für Müller\n2,niño £5 25°\n"),
        ("mac_roman", "mac_roman", "id,note\n1,it’s déjà vu\n2,Größe für Müller\n"),
        ("cp850", "cp850", "id,note\n1,Größe für Müller\n2,niño\n"),
        ("cp1250", "cp1250", "id,note\n1,Świętosław dzień dobry źle\n2,Łukasz Żółć\n"),
        ("cp1251", "cp1251", "id,note\n1,Где мой техник\n2,Счёт неверный почему\n"),
        ("shift_jis", "cp932", JAPANESE),
        ("euc_jp", "euc_jp", JAPANESE),
        ("gb18030", "gb18030", "id,note\n1,我的技术员在哪里\n2,发票不正确，为什么？\n"),
    ],
)
@pytest.mark.parametrize("declared", [False, True])
def test_encodings(tmp_path: Path, encoding: str, found: str, text: str, declared: bool) -> None:
    path = write(tmp_path / "calls.csv", text, encoding=encoding)
    read = opened(path, encoding=encoding) if declared else opened(path)
    assert read.table.headers == ("id", "note")
    assert read.rows == [tuple(line.split(",", 1)) for line in text.splitlines()[1:]]
    assert read.malformed == []
    if not declared:
        assert read.table.encoding == found


def test_a_late_letter_decides(tmp_path: Path) -> None:
    """The first megabyte is plain ASCII; only then comes a letter that is not UTF-8."""
    lines = "id,note\n" + "".join(f"{n},plain text of some length\n" for n in range(60_000)) + "x,café\n"
    read = opened(write(tmp_path / "calls.csv", lines, encoding="cp1252"))
    assert read.table.encoding == "cp1252"
    assert read.rows[-1] == ("x", "café")
    assert read.numbers[-1] == 60_001


def test_a_few_bad_bytes_in_utf8_cost_their_records(tmp_path: Path) -> None:
    good = "".join(f"{n},Zoë Müller\n" for n in range(1, 11)).encode()
    read = opened(write(tmp_path / "calls.csv", b"id,note\n" + good + b"11,caf\xe9\n12,x\n"))
    assert read.table.encoding == "utf-8"
    assert read.numbers == [*range(1, 11), 12]
    assert read.malformed == [(11, None, "11,caf�", "byte 0xE9 is not utf-8")]


def test_a_byte_that_cp1252_lacks_costs_its_record(tmp_path: Path) -> None:
    good = "".join(f"{n},Größe für Müller, bitte\n" for n in range(1, 41)).replace(", ", " ")
    text = "id,note\n".encode("cp1252") + good.encode("cp1252") + b"41,\x81\n42,x\n"
    read = opened(write(tmp_path / "calls.csv", text))
    assert read.table.encoding == "cp1252"
    assert (len(read.rows), read.rows[0]) == (41, ("1", "Größe für Müller bitte"))
    assert read.malformed == [(41, None, "41,�", "byte 0x81 is not cp1252")]


@pytest.mark.parametrize(
    ("content", "declared", "said"),
    [
        (
            WESTERN.encode("cp1252"),
            "utf-8",
            "is not utf-8 as declared: byte 13 (line 2) does not fit. It looks like cp1252",
        ),
        (WESTERN.encode(), "cp1252", "is not cp1252 as declared: its text is utf-8 (byte 13, line 2)"),
        (
            WESTERN.encode("utf-16"),
            "cp1252",
            "is not cp1252 as declared: its byte order mark says utf-16 (byte 1, line 1)",
        ),
        (
            b"id,note\n1,x\n",
            "utf-16",
            "is not utf-16 as declared: its text is utf-8 or another encoding of single bytes",
        ),
        (b"id,note\n1,x\n2,\x81y\n", "cp1252", "is not cp1252: byte 15 (line 3) does not fit"),
        (JAPANESE.encode("utf-16")[:-1], "utf-16", "is not utf-16: byte"),
        (b"id,note\n1,x\n", "uft-8", "'uft-8' is no encoding; did you mean 'utf-8'?"),
        (b"id,note\n1,x\n", "base64", "'base64' is no encoding; allowed: utf-8,"),
    ],
)
def test_a_declared_encoding_that_is_wrong(tmp_path: Path, content: bytes, declared: str, said: str) -> None:
    with pytest.raises(BadExtract) as error:
        opened(write(tmp_path / "calls.csv", content), encoding=declared)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "text", ["£5\n", "é\n", "ÄÖ\n", "it’s 5°C – 10£\n", "Déjà vu, ÉTÉ À LA MER\n", "Åse Ødegård\n"]
)
def test_short_western_samples_are_not_mistaken(text: str) -> None:
    assert legacy_encoding(text.encode("cp1252")) == "cp1252"
