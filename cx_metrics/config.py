"""The settings in force: each from an environment variable, listed in README's table."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from cx_metrics.errors import BadInput, did_you_mean

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = tuple(_CODES.split())
"""ISO 4217 codes of the currencies that people pay with."""

LEAST_KEY = 16
"""Characters a key of pseudonyms has at least."""

IN_PROCESS = ("", "duckdb")
"""How the setting ``engine`` names the one inside this process."""

_PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What a deployment decides; read once from the environment, never from code.

    Each field is the environment variable ``CX_<NAME>``.
    """

    model_config = SettingsConfigDict(env_prefix="CX_", frozen=True, extra="ignore")

    home: Path = Field(_PROJECT / "data" / "home", description="folder of the lake, the mart and the records")
    database_url: str = Field("", description="SQLAlchemy URL of the records; empty: SQLite inside the home")
    lake_url: str = Field("", description="folder or s3:// URL of the lake; empty: the folder lake inside the home")
    engine: str = Field(
        "", description="what computes the mart: empty or duckdb for this process, sc://host:port for a Spark cluster"
    )
    timezone: str = Field("UTC", description="business time zone: days start at its midnight")
    currency: str = Field("EUR", description="currency of all amounts, as ISO 4217 code")
    memory: str = Field("1500MB", description="how much memory a load or refresh may use before it spills to disk")
    threads: int = Field(2, ge=1, le=256, description="processor threads for loads, refreshes and queries")
    lock_wait: float = Field(600, ge=0, description="seconds to wait for another writing process")
    user: str = Field("", description="who acts, for the ledger; empty: the operating system's user")
    notify_urls: SecretStr = Field(
        SecretStr(""), description="Apprise URLs that hear of reviews, separated by commas; empty: nothing is sent"
    )
    admins: str = Field("", description="e-mail addresses of the first admins where people sign in, with commas")
    group_claim: str = Field("groups", description="claim of the sign-in provider that names a person's groups")
    default_role: Literal["", "viewer", "owner", "analyst"] = Field(
        "", description="role of who signs in and has no rule: viewer, owner or analyst; empty: no access"
    )
    sign_in_hours: float = Field(12, gt=0, le=720, description="hours after which people sign in anew, at the latest")
    open_to_all: bool = Field(
        False, description="yes: other machines may use the dashboard although nobody signs in, and do everything"
    )
    pseudonym_key: SecretStr = Field(
        SecretStr(""), description="key by which customer ids become pseudonyms at load; empty: ids rest as they come"
    )
    keep_months: int = Field(
        0, ge=0, le=1200, description="months after which contacts are forgotten at each load; 0: never"
    )
    public_url: str = Field("", description="address under which people open the dashboard, for links in messages")

    allowed_hosts: str = Field(
        "",
        description="further names under which people open the dashboard, with commas; *.example.com takes any before",
    )
    max_upload_mb: int = Field(
        1024, ge=1, le=65536, description="largest extract that can be uploaded in the browser, in MB"
    )
    max_unpacked_mb: int = Field(
        20_000, ge=1, description="largest extract that a .zip, .gz or .xlsx may unpack to, in MB"
    )

    @field_validator("allowed_hosts")
    @classmethod
    def _known_hosts(cls, value: str) -> str:
        for name in _parts(value):
            if not re.fullmatch(r"\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]", name):
                raise ValueError(f"{name!r} is no host name; write for example cx.example.com, without port")
        return value

    @field_validator("lake_url")
    @classmethod
    def _known_place(cls, value: str) -> str:
        if "://" in value and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/[A-Za-z0-9._=-]+)*/?", value):
            raise ValueError(
                f"{value!r} is no place for the lake; write a folder, or for example s3://bucket/cx-insight"
            )
        return value.rstrip("/")

    @field_validator("engine")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        if value not in IN_PROCESS and not re.fullmatch(r"sc://[A-Za-z0-9._-]+(:\d{1,5})?(/.*)?", value):
            raise ValueError(f"{value!r} is no engine; write duckdb, or for example sc://cluster.example.com:15002")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no time zone; {did_you_mean(value, sorted(available_timezones()))}")
        return value

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, value: str) -> str:
        if value not in CURRENCIES:
            raise ValueError(f"{value!r} is no currency; {did_you_mean(value, CURRENCIES)}")
        return value

    @field_validator("memory")
    @classmethod
    def _memory_size(cls, value: str) -> str:
        number = value.upper().removesuffix("B").rstrip("KMG")
        if not number.replace(".", "", 1).isdigit() or not value.upper().endswith(("MB", "GB")):
            raise ValueError(f"{value!r} is no size; write for example 1500MB or 4GB")
        return value.upper()

    @field_validator("pseudonym_key")
    @classmethod
    def _long_key(cls, value: SecretStr) -> SecretStr:
        if 0 < len(value.get_secret_value()) < LEAST_KEY:
            raise ValueError(f"the key must have at least {LEAST_KEY} characters; make one: openssl rand -hex 32")
        return value

    @field_validator("public_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError(f"{value!r} is no web address; write for example https://cx.example.com")
        return value.rstrip("/")

    @property
    def records_url(self) -> str:
        """The SQLAlchemy URL of the records."""
        return self.database_url or f"sqlite:///{self.home / 'records.sqlite'}"

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names of ``CX_ALLOWED_HOSTS``, in lower case."""
        return _parts(self.allowed_hosts)

    @property
    def admin_emails(self) -> frozenset[str]:
        """The addresses of ``CX_ADMINS``, in lower case."""
        return frozenset(filter(None, (each.strip().casefold() for each in self.admins.split(","))))

    @property
    def lake(self) -> str:
        """Where the lake rests: a folder, or a URL in an object store."""
        if "://" in self.lake_url:
            return self.lake_url
        return str(Path(self.lake_url).absolute() if self.lake_url else self.home / "lake")

    @property
    def zone(self) -> ZoneInfo:
        """The business time zone."""
        return ZoneInfo(self.timezone)

    @property
    def actor(self) -> str:
        """Who acts where nobody signs in: ``CX_USER``, else the operating system's user."""
        if self.user:
            return self.user
        try:
            return getpass.getuser()
        except (KeyError, OSError):
            return f"uid {os.getuid()}"


def _parts(listed: str) -> tuple[str, ...]:
    """The parts of a list with commas, in lower case."""
    return tuple(filter(None, (part.strip().lower() for part in listed.split(","))))


def settings(**given: Any) -> Settings:
    """The settings from the environment.

    Args:
        given: Values that stand above the environment's.

    Raises:
        BadInput: A variable's value is not allowed.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        problems = [f"CX_{str(e['loc'][0]).upper()}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()]
        raise BadInput("; ".join(problems)) from None
