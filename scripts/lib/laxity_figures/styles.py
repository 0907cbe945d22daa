"""The colour, dash and marker of a policy: the same in every figure of a study and across studies.

policy_styles.json assigns them to the registry's policies and to some of their forms by name. Any other form of a policy
keeps the policy's colour, lighter or darker, with a dash and a marker that follow from a hash of its parameters; an
unknown policy's whole style follows from a hash of its name. Nothing depends on which other policies are drawn or in what
order. The colours are Okabe and Ito's and Paul Tol's, which readers with any colour vision tell apart, and those of the
policies that are compared most differ in lightness or dash as well: in grey print (tests/figure_styles_test.py).
"""

import colorsys
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from laxity_figures.policies import base_name

TABLE = Path(__file__).with_name("policy_styles.json")

# In line widths: how much is drawn, how much is left out. Dotted is the bounds' alone.
DASHES = {"solid": "-", "dashed": (0, (4, 1.6)), "dashdot": (0, (5, 1.3, 1.1, 1.3)), "long": (0, (8, 2)),
          "dashdotdot": (0, (4, 1.1, 1, 1.1, 1, 1.1)), "short": (0, (2.2, 1.1))}
MARKERS = "osD^vPX<>hpd"
BLACK, GREY, PALE, RED = "#000000", "#888888", "#bdbdbd", "#D55E00"
BOUND = {"color": BLACK, "linestyle": (0, (1, 1.3))}


@dataclass(frozen=True)
class Style:
    colour: str
    dash: str  # of DASHES
    marker: str

    def line(self, width=None, marker=True):
        """As arguments of plot()."""
        arguments = {"color": self.colour, "linestyle": DASHES[self.dash], "marker": self.marker if marker else ""}
        return {**arguments, "linewidth": width} if width else arguments


def load_table():
    table = json.loads(TABLE.read_text())
    return {name: Style(*row) for name, row in table["policies"].items()}


KNOWN = load_table()


def digest(text):
    return hashlib.sha256(text.encode()).digest()


def normalised(policy):
    """The same text for the same parameters, in whatever order."""
    name, colon, arguments = policy.partition(":")
    return name + colon + ",".join(sorted(arguments.split(",")))


def shaded(colour, amount):
    """Lighter (0 to 1) or darker (-1 to 0), hue kept."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    hue, light, saturation = colorsys.rgb_to_hls(*parts)
    light = light + (1 - light) * amount if amount > 0 else light * (1 + amount)
    return "#" + "".join(f"{round(255 * part):02X}" for part in colorsys.hls_to_rgb(hue, light, saturation))


def tinted(colour, share):
    """This share of the colour on white paper."""
    parts = [int(colour[i:i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(255 - share * (255 - part)):02X}" for part in parts)


SORTED = {normalised(name): style for name, style in KNOWN.items()}


def style_of(policy):
    """The Style of a policy's spec."""
    key = normalised(policy)
    if key in SORTED:
        return SORTED[key]
    code = digest(key)
    base = KNOWN.get(base_name(policy))
    if base is None:
        plain = [style for name, style in KNOWN.items() if ":" not in name and name != "random"]  # whose grey is the rest's
        base = Style(plain[digest(base_name(policy))[0] % len(plain)].colour, "solid", "o")
    dashes = [dash for dash in DASHES if dash != base.dash]
    markers = [marker for marker in MARKERS if marker != base.marker]
    return Style(shaded(base.colour, (-0.35, 0.0, 0.3)[code[0] % 3]), dashes[code[1] % len(dashes)], markers[code[2] % len(markers)])


def style_of_best(name, pattern):
    """Of the best of the policies like a pattern: in the colour of the policy, if it is of one."""
    return style_of(f"{re.split('[:*?[]', pattern)[0]}:best={name}")


def relative_luminance(colour):
    """WCAG 2: of a colour "#rrggbb" on a screen (sRGB), 0 black to 1 white."""
    parts = [int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def lightness(colour):
    """CIELAB L*, 0 to 100: how light a colour looks, and prints in grey."""
    y = relative_luminance(colour)
    return 116 * y ** (1 / 3) - 16 if y > 0.008856 else 903.3 * y


def ordered_colours(count):
    """Colours for the values of an axis: a quantity, dark to bright (viridis, without its palest)."""
    import matplotlib
    from numpy import linspace

    return [matplotlib.colors.to_hex(shade) for shade in matplotlib.colormaps["viridis"](linspace(0.0, 0.88, max(count, 2)))][:count]


def ordered_style(index, count):
    return Style(ordered_colours(count)[index], list(DASHES)[index % len(DASHES)], MARKERS[index % len(MARKERS)])


def depth_colours(stages):
    """Depth is a quantity: dark is shallow, bright is deep (cividis); index 0 is a job that left with nothing."""
    import matplotlib
    from numpy import linspace

    return [RED] + [matplotlib.colors.to_hex(shade) for shade in matplotlib.colormaps["cividis"](linspace(0.0, 0.95, stages))]
