"""Pictures for pages that are read on a screen: small files, sharp at twice the pixels of an old display."""

import os

DPI = 180
WIDTH = 525  # pixels of a page at which a figure one column wide is shown: 150 an inch


def write_shrunk(source, target):
    """A PNG in no more than 256 colours, which drawings have hardly more than; whole or not at all."""
    from PIL import Image  # matplotlib needs it as well

    picture = Image.open(source).convert("RGB").quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    draft = target.with_name(f".{target.name}.new")
    picture.save(draft, format="PNG", optimize=True)
    os.replace(draft, target)
