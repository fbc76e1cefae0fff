"""The sizes of common units, each in the smallest unit of its kind.

Kinds do not meet: an equation is only ever tried with sizes on both sides, and holds or not.
"""

from fractions import Fraction

_SIZES: dict[str, Fraction] = {}


def _sizes(table: str) -> None:
    for entry in table.split(";"):
        names, _, size = entry.partition("=")
        for name in names.split():
            _SIZES[name] = Fraction(size.strip())


_sizes(
    "second sec s=1; minute min=60; hour hr h=3600; day=86400; week=604800; fortnight=1209600;"
    "month mo=2592000; year yr=31104000; decade=311040000; century centuries=3110400000;"
    "millisecond ms=1/1000"
)
_sizes(
    "millimeter millimetre mm=1; centimeter centimetre cm=10; decimeter dm=100; meter metre m=1000;"
    "kilometer kilometre km=1000000; inch inches=25.4; foot feet ft=304.8; yard yd=914.4;"
    "mile mi=1609344/1000"
)
_sizes(
    "milligram mg=1; gram g=1000; kilogram kg kilo=1000000; tonne=1000000000; ounce oz=28350;"
    "pound lb=453600; ton=907200000"
)
_sizes(
    "milliliter millilitre ml mL=1; centiliter cl=10; deciliter dl=100; liter litre l L=1000;"
    "teaspoon tsp=5; tablespoon tbsp=15; cup=240; pint pt=480; quart qt=960; gallon gal=3840"
)
_sizes(
    "cent ¢=1/100; penny pennies=1/100; nickel=1/20; dime=1/10; dollar buck $=1; pence=1/100;"
    "euro=1; degrees=1; half-dollar=1/2"
)
_sizes(
    "dozen=12; score=20; gross=144; pair couple=2; percent=1/100; thousand=1000; million=1000000"
)

CONVERSIONS = frozenset(
    value
    for n in (
        *(2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 15, 16, 20, 24, 25, 28, 29, 30, 31, 36, 48, 50, 52, 60),
        *(64, 72, 84, 90, 100, 120, 128, 144, 168, 240, 264, 300, 360, 365, 366, 480, 500, 1000),
        *(1440, 1760, 2000, 3600, 5280, 10**4, 10**5, 10**6, 10**9, 86400),
    )
    for value in (Fraction(n), Fraction(1, n))
)
"""Ratios at which two quantities may be the same in other units, time tables included."""


def unit_scale(unit: str) -> Fraction | None:
    """The size of a unit, plural or not; None: not a known unit.

    >>> unit_scale("hours"), unit_scale("sprints")
    (Fraction(3600, 1), None)
    """
    name = unit.strip().strip(".")
    for form in (name, name.lower()):
        if form in _SIZES:
            return _SIZES[form]
        if form.endswith("s") and form[:-1] in _SIZES:
            return _SIZES[form[:-1]]
    return None
