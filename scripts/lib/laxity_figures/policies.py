"""Which policies a figure shows, which of them in colour, and what they are called.

With a few policies all are in colour. With many, the ones that matter are, and the rest stays as thin grey lines, so that
the field is seen but not read: the winner, the baseline, edf as what everyone knows, and the best form of each other policy, the best first.
"""

from fnmatch import fnmatchcase

from laxity_figures.problem import not_among

MOST = 7  # lines in colour that one panel bears


def base_name(policy):
    return policy.partition(":")[0]


def parameters(policy):
    return dict(argument.partition("=")[::2] for argument in policy.partition(":")[2].split(",") if argument)


def short_name(policy):
    """"rtdeepiot:predictor=exp,delta=0.05" -> "rtdeepiot exp, delta=0.05": words speak for themselves."""
    said = []
    for key, value in parameters(policy).items():
        said.append(key if value == "true" else value if value[:1].isalpha() and len(value) > 1 else f"{key}={value}")
    return " ".join(filter(None, [base_name(policy), ", ".join(said)]))


def named(policies, patterns, option="--policies"):
    """The policies like the patterns, in the order of the patterns. Throws Problem for a pattern like none."""
    if not patterns:
        return list(policies)
    found = []
    for pattern in patterns:
        like = [policy for policy in policies if policy == pattern or fnmatchcase(policy, pattern)]
        if not like:
            raise not_among(option, pattern, policies, "a policy of these results, or a pattern like one")
        found += [policy for policy in like if policy not in found]
    return found


def knows_the_future(policy):
    return "oracle" in parameters(policy).values()


def emphasised(ranked, policies, references=(), top=0, chosen=False):
    """The policies in colour: with `top`, so many of the best; else the best, the references, then the best form of each
    other policy. `ranked`: best first. `chosen`: whether the user picked `policies`, and bears up to a dozen."""
    limit = top or MOST
    if len(policies) <= limit or (chosen and not top and len(policies) <= 12):
        return list(policies)
    ranked = [policy for policy in ranked if policy in policies]
    if top:
        return ranked[:top]
    able = [policy for policy in ranked if not knows_the_future(policy)]
    kept = list(dict.fromkeys(able[:1] + [policy for policy in references if policy in policies]))
    for policy in able:
        if len(kept) < limit and base_name(policy) not in map(base_name, kept):
            kept.append(policy)
    for policy in able:
        if len(kept) < limit and policy not in kept:
            kept.append(policy)
    return [policy for policy in policies if policy in kept]
