"""Typed values: each is computed from the words of a text, and says which words, by which rule, and what is unsure.

The names below are loaded when they are first used, so that importing llmx costs nothing for types not in use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmx.types.address import Address as Address
    from llmx.types.codes import CountryCode as CountryCode
    from llmx.types.codes import CurrencyCode as CurrencyCode
    from llmx.types.codes import LanguageCode as LanguageCode
    from llmx.types.contact import Email as Email
    from llmx.types.contact import Url as Url
    from llmx.types.coordinates import Coordinates as Coordinates
    from llmx.types.date import PartialDate as PartialDate
    from llmx.types.date_range import DateRange as DateRange
    from llmx.types.duration import Duration as Duration
    from llmx.types.iban import Iban as Iban
    from llmx.types.languages import guess_locale as guess_locale
    from llmx.types.money import Money as Money
    from llmx.types.names import OrganizationName as OrganizationName
    from llmx.types.names import PersonName as PersonName
    from llmx.types.names import Verbatim as Verbatim
    from llmx.types.number import Number as Number
    from llmx.types.number_scan import find_numbers as find_numbers
    from llmx.types.partial_datetime import PartialDateTime as PartialDateTime
    from llmx.types.percent import Percent as Percent
    from llmx.types.percent_range import PercentRange as PercentRange
    from llmx.types.phone import Phone as Phone
    from llmx.types.plain import Reader as Reader
    from llmx.types.plain import reader_for as reader_for
    from llmx.types.postcode import Postcode as Postcode
    from llmx.types.quantity import Quantity as Quantity
    from llmx.types.reading import Reading as Reading
    from llmx.types.reading import TypedValue as TypedValue
    from llmx.types.time_of_day import Time as Time
    from llmx.types.vat_id import VatId as VatId

_HOMES = {
    "Address": "address",
    "Coordinates": "coordinates",
    "CountryCode": "codes",
    "CurrencyCode": "codes",
    "DateRange": "date_range",
    "Duration": "duration",
    "Email": "contact",
    "Iban": "iban",
    "LanguageCode": "codes",
    "Money": "money",
    "Number": "number",
    "OrganizationName": "names",
    "PartialDate": "date",
    "PartialDateTime": "partial_datetime",
    "Percent": "percent",
    "PercentRange": "percent_range",
    "PersonName": "names",
    "Phone": "phone",
    "Postcode": "postcode",
    "Quantity": "quantity",
    "Reader": "plain",
    "Reading": "reading",
    "Time": "time_of_day",
    "TypedValue": "reading",
    "Url": "contact",
    "VatId": "vat_id",
    "Verbatim": "names",
    "find_numbers": "number_scan",
    "guess_locale": "languages",
    "reader_for": "plain",
}
__all__ = sorted(_HOMES)  # noqa: PLE0605  # the table above is the one list of names


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'llmx.types' has no attribute {name!r}")
    value = getattr(import_module(f"llmx.types.{home}"), name)
    globals()[name] = value
    return value
