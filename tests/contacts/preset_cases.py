"""The made-up extract of each preset and what is known of it by hand; times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cx_metrics.contacts.schema import NONE

EXTRACTS = Path(__file__).parent / "extracts"
at = datetime.fromisoformat


@dataclass(frozen=True)
class Case:
    """An extract and what loading it must give.

    Attributes:
        file: The extract's name in the folder of extracts.
        timezone: The zone given with the load, or None where the extract or the preset knows it.
        receipt: Rows read, accepted, merged, dropped, rejected.
        rejected: Column and value of each reason for a rejection.
        contacts: Every mapped field of some contacts, by contact id.
    """

    file: str
    timezone: str | None
    receipt: tuple[int, int, int, int, int]
    rejected: set[tuple[str, str | None]]
    contacts: Mapping[str, Mapping[str, Any]]


# fmt: off
CASES = {
    "zendesk": Case(
        file="zendesk.csv",
        timezone="America/New_York",
        receipt=(13, 10, 0, 1, 2),
        rejected={("Created at", "2026-02-30 10:00"), ("Reopens", "many")},
        contacts={
            "50101": {
                "customer_id": "384210011", "started_at": at("2026-03-02 14:15"),
                "ended_at": at("2026-03-02 21:40"), "intent": "Where is my technician?", "category": "Visits",
                "channel": "Web form", "team": "Field visits", "handle_minutes": Decimal(9),
                "resolved": True, "reopens": 0, "urgency": "High", "csat": 5,
                "subject": "Technician did not come",
            },
            "50102": {
                "customer_id": "384210012", "started_at": at("2026-03-02 16:02"),
                "ended_at": at("2026-03-03 14:30"), "intent": "My bill is too high", "category": "Billing",
                "channel": "Mail", "team": "Billing", "handle_minutes": Decimal(21),
                "resolved": True, "reopens": 1, "urgency": "Normal", "csat": None,
                "subject": "Charged twice,\nplease check\nboth invoices",
            },
            "50104": {
                "customer_id": None, "started_at": at("2026-03-05 02:50"), "ended_at": None,
                "intent": NONE, "category": None, "channel": "Chat", "team": "Support",
                "handle_minutes": None, "resolved": None, "reopens": 0, "urgency": None, "csat": None,
                "subject": None,
            },
            "50108": {  # opened before, solved after the clocks went forward
                "customer_id": "384210015", "started_at": at("2026-03-08 06:30"),
                "ended_at": at("2026-03-08 16:00"), "intent": "No internet", "category": "Faults",
                "channel": "Chat", "team": "Support", "handle_minutes": Decimal(40),
                "resolved": True, "reopens": 2, "urgency": "High", "csat": None,
                "subject": "Internet gone again",
            },
        },
    ),
    "freshdesk": Case(
        file="freshdesk.csv",
        timezone="Asia/Kolkata",
        receipt=(12, 10, 0, 0, 2),
        rejected={("Survey results", "Five stars"), ("Time tracked", "30 min")},
        contacts={
            "8801": {
                "customer_id": "60100001", "started_at": at("2026-02-02 04:30"),
                "ended_at": at("2026-02-02 06:45:30"), "intent": "Where is my order?", "channel": "Email",
                "product": "Parcel", "team": "Deliveries", "handle_minutes": Decimal("25.5"),
                "resolved": True, "urgency": "Medium", "csat": 5, "subject": "Order not arrived",
            },
            "8802": {
                "customer_id": "60100002", "started_at": at("2026-02-02 18:15:10"),
                "ended_at": at("2026-02-04 21:29:19"), "intent": "Damaged goods", "channel": "Portal",
                "product": "Parcel", "team": "Deliveries", "handle_minutes": Decimal(70),
                "resolved": True, "urgency": "High", "csat": 2, "subject": "Parcel damaged",
            },
            "8803": {
                "customer_id": "60100001", "started_at": at("2026-02-03 03:35"),
                "ended_at": at("2026-02-03 03:50"), "intent": "Where is my order?", "channel": "Phone",
                "product": "Parcel", "team": "Deliveries", "handle_minutes": Decimal(15),
                "resolved": True, "urgency": "Medium", "csat": None,
                "subject": "Hello,\nwhere is it?\n\nThanks",
            },
            "8804": {
                "customer_id": None, "started_at": at("2026-02-03 08:30"), "ended_at": None,
                "intent": "Invoice copy", "channel": "Chat", "product": None, "team": None,
                "handle_minutes": Decimal(0), "resolved": None, "urgency": "Low", "csat": None,
                "subject": "Invoice please",
            },
        },
    ),
    "intercom": Case(
        file="intercom.jsonl",
        timezone=None,
        receipt=(12, 10, 0, 1, 1),
        rejected={("conversation_rating.rating", "7")},
        contacts={
            "215470001": {
                "customer_id": "65f0a1c2e4b0aa0001", "started_at": at("2026-03-02 09:00"),
                "ended_at": at("2026-03-02 11:00"), "intent": "Where is my card?",
                "channel": "conversation", "team": "9001", "handle_minutes": Decimal(8), "resolved": True,
                "reopens": 0, "urgency": "not_priority", "survey_offered_at": at("2026-03-02 11:01"),
                "csat": 5, "subject": "Card has not come",
            },
            "215470002": {
                "customer_id": "65f0a1c2e4b0aa0002", "started_at": at("2026-03-02 10:00"),
                "ended_at": at("2026-03-03 10:00"), "intent": "Payment declined", "channel": "email",
                "team": "9002", "handle_minutes": Decimal(25), "resolved": True, "reopens": 2,
                "urgency": "priority", "survey_offered_at": at("2026-03-03 10:01"), "csat": 2,
                "subject": "Payment declined\nagain",
            },
            "215470003": {
                "customer_id": "65f0a1c2e4b0aa0001", "started_at": at("2026-03-03 09:00"),
                "ended_at": None, "intent": "Where is my card?", "channel": "whatsapp", "team": "9001",
                "handle_minutes": None, "resolved": None, "reopens": 0, "urgency": "not_priority",
                "survey_offered_at": None, "csat": None, "subject": None,
            },
            "215470004": {
                "customer_id": None, "started_at": at("2026-03-03 10:00"),
                "ended_at": at("2026-03-03 10:30"), "intent": NONE, "channel": "conversation",
                "team": None, "handle_minutes": Decimal(2), "resolved": True, "reopens": 0,
                "urgency": "not_priority", "survey_offered_at": None, "csat": None,
                "subject": "Opening hours",
            },
        },
    ),
    "salesforce": Case(
        file="salesforce.csv",
        timezone="Europe/Madrid",
        receipt=(12, 10, 0, 0, 2),
        rejected={("Case Number", None), ("Date/Time Opened", "31/13/2026 10:00")},
        contacts={
            "00014501": {
                "customer_id": "0035g00000AbCdE", "started_at": at("2026-02-16 08:12"),
                "ended_at": at("2026-02-16 09:02"), "intent": "Inverter error", "category": "Fault",
                "channel": "Phone", "resolved": True, "urgency": "High", "subject": "Inverter shows E04",
            },
            "00014503": {  # a customer id that differs from the first by the case of one letter
                "customer_id": "0035g00000AbCde", "started_at": at("2026-02-17 22:30"), "ended_at": None,
                "intent": "No yield", "category": "Fault", "channel": "Web", "resolved": None,
                "urgency": "Medium", "subject": "No yield since\nlast Tuesday",
            },
            "00014504": {
                "customer_id": None, "started_at": at("2026-02-18 07:01"), "ended_at": None,
                "intent": NONE, "category": None, "channel": "Phone", "resolved": None, "urgency": None,
                "subject": "(kein Betreff)",
            },
            "00014511": {  # summer time
                "customer_id": "0035g00000AbCdG", "started_at": at("2026-03-29 22:30"),
                "ended_at": at("2026-03-30 07:00"), "intent": "Move house", "category": "Account",
                "channel": "Chat", "resolved": True, "urgency": "Low", "subject": "Move, part two",
            },
        },
    ),
    "servicenow": Case(
        file="servicenow.csv",
        timezone=None,
        receipt=(12, 11, 0, 0, 1),
        rejected={("opened_at", "2023-06-31 09:00:00")},
        contacts={
            "INC0010001": {
                "customer_id": "Hanna Ferro", "started_at": at("2023-06-02 22:05:30"),
                "ended_at": at("2023-06-03 07:20"), "intent": "Network", "channel": "phone",
                "team": "Network desk", "resolved": True, "reopens": 0, "transfers": 1,
                "urgency": "2 - Medium", "subject": "Cannot open the VPN",
            },
            "INC0010002": {
                "customer_id": "Davit Rusu", "started_at": at("2023-06-03 08:00"),
                "ended_at": at("2023-06-03 08:30:45"), "intent": "Access", "channel": "self-service",
                "team": "Service desk", "resolved": True, "reopens": 1, "transfers": 0,
                "urgency": "1 - High", "subject": "Password expired,\nlocked out",
            },
            "INC0010004": {
                "customer_id": None, "started_at": at("2023-06-04 10:00"), "ended_at": None,
                "intent": "Hardware", "channel": "walk-in", "team": None, "resolved": None, "reopens": 0,
                "transfers": 0, "urgency": "3 - Low", "subject": "Printer jam",
            },
            "INC0010006": {
                "customer_id": "Davit Rusu", "started_at": at("2023-06-05 07:45"), "ended_at": None,
                "intent": "Access", "channel": "self-service", "team": "Service desk", "resolved": False,
                "reopens": 0, "transfers": 0, "urgency": "3 - Low", "subject": "Opened by mistake",
            },
        },
    ),
    "hubspot": Case(
        file="hubspot.csv",
        timezone="Australia/Sydney",
        receipt=(12, 10, 0, 0, 2),
        rejected={("Last CES survey rating", "9"), ("Ticket ID", "2.21005E+09")},
        contacts={
            "2210045001": {
                "customer_id": "551", "started_at": at("2026-02-09 21:15"),
                "ended_at": at("2026-02-10 06:45"), "intent": "Product Issue", "channel": "Email",
                "resolved": True, "urgency": "High", "survey_answered_at": at("2026-02-10 22:00"),
                "ces": 6, "subject": "Can't install the app",
            },
            "2210045002": {
                "customer_id": "552", "started_at": at("2026-02-10 02:00"),
                "ended_at": at("2026-02-11 23:20"), "intent": "Billing Issue", "channel": "Form",
                "resolved": True, "urgency": "Medium", "survey_answered_at": None, "ces": None,
                "subject": "Invoice has the wrong name,\nplease correct",
            },
            "2210045003": {
                "customer_id": "551", "started_at": at("2026-02-10 22:30"), "ended_at": None,
                "intent": "Product Issue", "channel": "Chat", "resolved": None, "urgency": "High",
                "survey_answered_at": None, "ces": None, "subject": "App crashes",
            },
            "2210045004": {
                "customer_id": None, "started_at": at("2026-02-11 11:05"), "ended_at": None,
                "intent": NONE, "channel": "Email", "resolved": None, "urgency": None,
                "survey_answered_at": None, "ces": None, "subject": "(no subject)",
            },
        },
    ),
    "amazon-connect": Case(
        file="amazon-connect.jsonl",
        timezone=None,
        receipt=(15, 8, 3, 3, 1),
        rejected={("ContactId", None)},
        contacts={
            "5c3a9e10-0000-4000-8000-000000000001": {  # delivered three times, the newest in the middle
                "customer_id": "+4915100000001", "started_at": at("2026-03-02 09:15:22"),
                "ended_at": at("2026-03-02 09:24:10"), "intent": "Lost card", "channel": "VOICE",
                "team": "Cards", "handle_minutes": Decimal("7.016667"),
            },
            "5c3a9e10-0000-4000-8000-000000000002": {
                "customer_id": "+4915100000002", "started_at": at("2026-03-02 09:40"),
                "ended_at": at("2026-03-02 09:52:30"), "intent": "Dispute a payment", "channel": "VOICE",
                "team": "Payments", "handle_minutes": Decimal(10),
            },
            "5c3a9e10-0000-4000-8000-000000000003": {
                "customer_id": None, "started_at": at("2026-03-02 10:05"),
                "ended_at": at("2026-03-02 10:05:40"), "intent": NONE, "channel": "VOICE",
                "team": None, "handle_minutes": None,
            },
            "5c3a9e10-0000-4000-8000-000000000012": {
                "customer_id": "eva.stahl@example.com", "started_at": at("2026-03-05 09:00"),
                "ended_at": None, "intent": NONE, "channel": "EMAIL", "team": "Mail",
                "handle_minutes": None,
            },
        },
    ),
    "genesys": Case(
        file="genesys.jsonl",
        timezone=None,
        receipt=(12, 10, 0, 1, 1),
        rejected={("surveys.0.surveyPromoterScore", "11")},
        contacts={
            "7b1c0de0-0000-4000-8000-000000000001": {
                "customer_id": "ec-1001", "started_at": at("2026-01-14 08:30:00.125"),
                "ended_at": at("2026-01-14 08:41:12.480"), "intent": "Book a repair",
                "survey_answered_at": at("2026-01-14 10:02:33"), "nps": 9,
            },
            "7b1c0de0-0000-4000-8000-000000000003": {
                "customer_id": "ec-1001", "started_at": at("2026-01-14 23:59:59.950"), "ended_at": None,
                "intent": "Book a repair", "survey_answered_at": None, "nps": None,
            },
            "7b1c0de0-0000-4000-8000-000000000004": {
                "customer_id": None, "started_at": at("2026-01-15 07:10"),
                "ended_at": at("2026-01-15 07:12"), "intent": NONE,
                "survey_answered_at": None, "nps": None,
            },
            "7b1c0de0-0000-4000-8000-000000000007": {
                "customer_id": "ec-1002", "started_at": at("2026-01-16 12:00"),
                "ended_at": at("2026-01-16 12:07:07.070"), "intent": "Change my contract",
                "survey_answered_at": at("2026-01-17 06:00:00.500"), "nps": 0,
            },
        },
    ),
    "jira-service-management": Case(
        file="jira-service-management.csv",
        timezone="Europe/Berlin",
        receipt=(12, 10, 0, 0, 2),
        rejected={("Satisfaction rating", "0"), ("Created", "soon")},
        contacts={
            "HELP-301": {
                "customer_id": "70121:aa01", "started_at": at("2026-02-24 08:05"),
                "ended_at": at("2026-02-24 15:30"), "intent": "Report a problem", "product": "Hardware",
                "handle_minutes": Decimal(45), "resolved": True, "urgency": "Medium",
                "survey_answered_at": at("2026-02-25 07:00"), "csat": 5, "subject": "Laptop is slow",
            },
            "HELP-302": {
                "customer_id": "70121:aa02", "started_at": at("2026-02-24 11:15"),
                "ended_at": at("2026-02-26 09:00"), "intent": "Get access", "product": None,
                "handle_minutes": Decimal(10), "resolved": False, "urgency": "Low",
                "survey_answered_at": at("2026-02-26 17:45"), "csat": 2,
                "subject": "New access to the wiki, please",
            },
            "HELP-303": {  # 12:40 AM is 40 minutes past midnight
                "customer_id": "70121:aa01", "started_at": at("2026-03-01 23:40"), "ended_at": None,
                "intent": "Report a problem", "product": "Hardware", "handle_minutes": None,
                "resolved": None, "urgency": "High", "survey_answered_at": None, "csat": None,
                "subject": "Laptop slow again",
            },
            "HELP-304": {
                "customer_id": None, "started_at": at("2026-03-02 07:20"), "ended_at": None,
                "intent": NONE, "product": None, "handle_minutes": None, "resolved": None,
                "urgency": "Medium", "survey_answered_at": None, "csat": None, "subject": "Hello",
            },
        },
    ),
}
# fmt: on
