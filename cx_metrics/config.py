"""The settings in force: each from an environment variable, listed in README's table."""

from __future__ import annotations

import getpass
import os
from pathlib import Path
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

_PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """What a deployment decides; read once from the environment, never from code.

    Each field is the environment variable ``CX_<NAME>``.
    """

    model_config = SettingsConfigDict(env_prefix="CX_", frozen=True, extra="ignore")

    home: Path = Field(_PROJECT / "data" / "home", description="folder of the lake, the mart and the records")
    database_url: str = Field("", description="SQLAlchemy URL of the records; empty: SQLite inside the home")
    timezone: str = Field("UTC", description="business time zone: days start at its midnight")
    currency: str = Field("EUR", description="currency of all amounts, as ISO 4217 code")
    memory: str = Field("1500MB", description="how much memory a load or refresh may use before it spills to disk")
    threads: int = Field(2, ge=1, le=256, description="processor threads for loads, refreshes and queries")
    lock_wait: float = Field(600, ge=0, description="seconds to wait for another writing process")
    user: str = Field("", description="who acts, for the ledger; empty: the operating system's user")
    notify_urls: SecretStr = Field(
        SecretStr(""), description="Apprise URLs that hear of reviews, separated by commas; empty: nothing is sent"
    )
    public_url: str = Field("", description="address under which people open the dashboard, for links in messages")

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


def settings() -> Settings:
    """The settings from the environment.

    Raises:
        BadInput: A variable's value is not allowed.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = [f"CX_{str(e['loc'][0]).upper()}: {e['msg'].removeprefix('Value error, ')}" for e in error.errors()]
        raise BadInput("; ".join(problems)) from None
