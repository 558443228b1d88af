"""Colours: of the terrain, of heat, and those that a request names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gisserver.coverages.rasters import Mask, Values
from gisserver.errors import BadRequest

Colour = tuple[int, int, int]

# The viewer's by day (viewer/src/model/heat/ramp.ts), which a test compares them with.
HEAT: tuple[Colour, ...] = (
    (254, 217, 138),
    (252, 174, 92),
    (241, 124, 74),
    (212, 72, 83),
    (157, 35, 100),
    (88, 18, 96),
)
# From the lowest ground to the highest: meadow, straw, earth, rock.
GROUND: tuple[Colour, ...] = (
    (118, 161, 128),
    (176, 197, 145),
    (230, 221, 175),
    (214, 181, 135),
    (178, 137, 104),
    (146, 112, 97),
)


@dataclass(frozen=True)
class Step:
    """A line of a legend: a colour and the number at which it begins, or is met."""

    colour: Colour
    number: float

    @property
    def css(self) -> str:
        """The colour as a style sheet writes it."""
        return "#{:02x}{:02x}{:02x}".format(*self.colour)


def heat_legend(breaks: Sequence[float]) -> list[Step]:
    """The classes, rising; the highest keep the strongest colours."""
    colours = HEAT[max(0, len(HEAT) - len(breaks)) :]
    return [Step(colour, number) for colour, number in zip(colours, breaks, strict=False)]


def ground_legend(lowest: float, highest: float) -> list[Step]:
    """The colours of the terrain, evenly from the lowest place to the highest."""
    numbers = np.linspace(lowest, highest, len(GROUND))
    return [Step(colour, float(number)) for colour, number in zip(GROUND, numbers, strict=True)]


def in_classes(values: Values, legend: Sequence[Step]) -> tuple[Values, Mask]:
    """Red, green and blue (channel, row, column) of each value's class; where there is one."""
    numbers = np.array([step.number for step in legend])
    colours = np.array([step.colour for step in legend] or [(0, 0, 0)], dtype=np.float32)
    place = np.searchsorted(numbers, np.nan_to_num(values, nan=-np.inf), side="right")
    return np.moveaxis(colours[np.maximum(place - 1, 0)], -1, 0), place > 0


def between(values: Values, legend: Sequence[Step]) -> tuple[Values, Mask]:
    """Red, green and blue of each value, between the legend's colours; where there is a value."""
    numbers = [step.number for step in legend]
    there = np.isfinite(values)
    filled = np.where(there, values, numbers[0])
    channels = [
        np.interp(filled, numbers, [step.colour[channel] for step in legend])
        for channel in range(3)
    ]
    return np.stack(channels).astype(np.float32), there


def read_colour(parameter: str, text: str) -> Colour:
    """A colour of six hexadecimal digits (0xRRGGBB, #RRGGBB) or of a W3C name.

    Raises: BadRequest.
    """
    word = text.strip().lower()
    digits = _named().get(word) or word.removeprefix("0x").removeprefix("#")
    if len(digits) != 6 or not all(each in "0123456789abcdef" for each in digits):
        raise BadRequest(f"{parameter}: 0xRRGGBB or a W3C colour name, not {text[:40]!r}")
    red, green, blue = (int(digits[at : at + 2], 16) for at in (0, 2, 4))
    return red, green, blue


def _named() -> dict[str, str]:
    return dict(each.split(":") for each in _NAMES.split())


_NAMES = """
aliceblue:f0f8ff antiquewhite:faebd7 aqua:00ffff aquamarine:7fffd4 azure:f0ffff beige:f5f5dc
bisque:ffe4c4 black:000000 blanchedalmond:ffebcd blue:0000ff blueviolet:8a2be2 brown:a52a2a
burlywood:deb887 cadetblue:5f9ea0 chartreuse:7fff00 chocolate:d2691e coral:ff7f50
cornflowerblue:6495ed cornsilk:fff8dc crimson:dc143c cyan:00ffff darkblue:00008b darkcyan:008b8b
darkgoldenrod:b8860b darkgray:a9a9a9 darkgreen:006400 darkgrey:a9a9a9 darkkhaki:bdb76b
darkmagenta:8b008b darkolivegreen:556b2f darkorange:ff8c00 darkorchid:9932cc darkred:8b0000
darksalmon:e9967a darkseagreen:8fbc8f darkslateblue:483d8b darkslategray:2f4f4f
darkslategrey:2f4f4f darkturquoise:00ced1 darkviolet:9400d3 deeppink:ff1493 deepskyblue:00bfff
dimgray:696969 dimgrey:696969 dodgerblue:1e90ff firebrick:b22222 floralwhite:fffaf0
forestgreen:228b22 fuchsia:ff00ff gainsboro:dcdcdc ghostwhite:f8f8ff gold:ffd700 goldenrod:daa520
gray:808080 green:008000 greenyellow:adff2f grey:808080 honeydew:f0fff0 hotpink:ff69b4
indianred:cd5c5c indigo:4b0082 ivory:fffff0 khaki:f0e68c lavender:e6e6fa lavenderblush:fff0f5
lawngreen:7cfc00 lemonchiffon:fffacd lightblue:add8e6 lightcoral:f08080 lightcyan:e0ffff
lightgoldenrodyellow:fafad2 lightgray:d3d3d3 lightgreen:90ee90 lightgrey:d3d3d3 lightpink:ffb6c1
lightsalmon:ffa07a lightseagreen:20b2aa lightskyblue:87cefa lightslategray:778899
lightslategrey:778899 lightsteelblue:b0c4de lightyellow:ffffe0 lime:00ff00 limegreen:32cd32
linen:faf0e6 magenta:ff00ff maroon:800000 mediumaquamarine:66cdaa mediumblue:0000cd
mediumorchid:ba55d3 mediumpurple:9370db mediumseagreen:3cb371 mediumslateblue:7b68ee
mediumspringgreen:00fa9a mediumturquoise:48d1cc mediumvioletred:c71585 midnightblue:191970
mintcream:f5fffa mistyrose:ffe4e1 moccasin:ffe4b5 navajowhite:ffdead navy:000080 oldlace:fdf5e6
olive:808000 olivedrab:6b8e23 orange:ffa500 orangered:ff4500 orchid:da70d6 palegoldenrod:eee8aa
palegreen:98fb98 paleturquoise:afeeee palevioletred:db7093 papayawhip:ffefd5 peachpuff:ffdab9
peru:cd853f pink:ffc0cb plum:dda0dd powderblue:b0e0e6 purple:800080 rebeccapurple:663399 red:ff0000
rosybrown:bc8f8f royalblue:4169e1 saddlebrown:8b4513 salmon:fa8072 sandybrown:f4a460
seagreen:2e8b57 seashell:fff5ee sienna:a0522d silver:c0c0c0 skyblue:87ceeb slateblue:6a5acd
slategray:708090 slategrey:708090 snow:fffafa springgreen:00ff7f steelblue:4682b4 tan:d2b48c
teal:008080 thistle:d8bfd8 tomato:ff6347 turquoise:40e0d0 violet:ee82ee wheat:f5deb3 white:ffffff
whitesmoke:f5f5f5 yellow:ffff00 yellowgreen:9acd32
"""
