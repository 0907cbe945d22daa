"""The two ways to end badly, each told in one line."""


class Problem(Exception):
    """Something the user can mend: exit code 2."""


class NothingToDraw(Problem):
    """A kind finds nothing in a source that it could draw: a Problem only if that kind was asked for by name."""


class Failure(Exception):
    """What failed while running, as a full disk: exit code 1."""


def nearest_first(word, choices):
    """The choices, those spelt most like the word first; for messages that say what there is."""
    from difflib import SequenceMatcher

    likeness = {choice: SequenceMatcher(None, word.lower(), choice.lower()).ratio() for choice in choices}
    return sorted(choices, key=lambda choice: -likeness[choice])


def not_among(option, word, choices, what, most=12):
    """The Problem of a word that names nothing: what was expected, what was found, what there is, the likeliest first."""
    choices = list(dict.fromkeys(map(str, choices)))
    listed = ", ".join(nearest_first(str(word), choices)[:most]) or "nothing"
    more = f" and {len(choices) - most} more" if len(choices) > most else ""
    return Problem(f"{option}: expected {what}, found \"{word}\"; there is {listed}{more}")
