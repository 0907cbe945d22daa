"""What is worth knowing and no error: one line each on stderr, once."""

import sys

_said = set()


def note(text):
    if text not in _said:
        _said.add(text)
        print(f"figures: note: {text}", file=sys.stderr)
