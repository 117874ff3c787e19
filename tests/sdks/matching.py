"""Variables and expectations of the scenario; README.md has their format for who writes steps."""

import re
import time

VARIABLE = re.compile(r"\$\{([a-z_0-9]+)\}")
# A clock that is read here and another one that stamps in the server.
CLOCK_SLACK_S = 2.0


class Mismatch(Exception):
    """What was got is not what the step expects; the text says where."""


class MissingVariable(Exception):
    def __init__(self, name):
        super().__init__(f"no step that passed saved ${{{name}}}")
        self.name = name


def fill_in(value, variables):
    """`value` with every ${name} replaced. A text that is nothing but ${name} becomes the value."""
    if isinstance(value, dict):
        return {name: fill_in(member, variables) for name, member in value.items()}
    if isinstance(value, list):
        return [fill_in(member, variables) for member in value]
    if not isinstance(value, str):
        return value

    def saved(match):
        if match[1] not in variables:
            raise MissingVariable(match[1])
        return variables[match[1]]

    alone = VARIABLE.fullmatch(value)
    return saved(alone) if alone else VARIABLE.sub(lambda match: str(saved(match)), value)


def pick(document, path):
    """The member at a path such as Callbacks[0].Event.CallbackId."""
    for part in re.findall(r"[^.\[\]]+", path):
        try:
            document = document[int(part)] if isinstance(document, list) else document[part]
        except (KeyError, IndexError, TypeError, ValueError):
            raise Mismatch(f"{path}: there is no {part}") from None
    return document


def check(expected, got, path="answer"):
    """Raises Mismatch unless `got` is as expected. An object may have more members than that."""
    if isinstance(expected, dict):
        operators = [name for name in expected if name.startswith("$")]
        if operators:
            for name in operators:
                operator(name)(expected[name], got, path)
            return
        require(isinstance(got, dict), path, "an object", got)
        for name, member in expected.items():
            if is_absent(member):
                require(name not in got, f"{path}.{name}", "absent", got.get(name))
            else:
                require(name in got, path, f"a member {name}", got)
                check(member, got[name], f"{path}.{name}")
    elif isinstance(expected, list):
        require(isinstance(got, list), path, "a list", got)
        require(len(got) == len(expected), path, f"{len(expected)} entries", got)
        for index, member in enumerate(expected):
            check(member, got[index], f"{path}[{index}]")
    else:
        # 1 and True are equal to Python, but they are not the same in JSON.
        same = type(expected) is type(got) and expected == got
        require(same, path, repr(expected), got)


def is_absent(expected):
    return isinstance(expected, dict) and "$absent" in expected


def require(condition, path, what, got):
    if not condition:
        raise Mismatch(f"{path}: expected {what}, got {got!r}")


def operator(name):
    try:
        return OPERATORS[name]
    except KeyError:
        raise ValueError(f"no operator {name}; there are {', '.join(OPERATORS)}") from None


def check_date(expected, got, path):
    """What a driver writes for a value that its SDK decoded as a date: {"$date": milliseconds}."""
    is_date = isinstance(got, dict) and set(got) == {"$date"} and isinstance(got["$date"], int)
    require(is_date, path, "a date", got)
    if expected == "recent":
        age_s = time.time() - got["$date"] / 1000
        # Longer than any run, shorter than a date that took seconds for milliseconds.
        require(-CLOCK_SLACK_S <= age_s <= 3600, path, "a date of the last hour", got)
    else:
        require(got["$date"] == expected, path, f"the date {expected}", got)


def check_matches(expected, got, path):
    matched = isinstance(got, str) and re.search(expected, got)
    require(matched, path, f"a text that matches {expected}", got)


def check_length(expected, got, path):
    require(isinstance(got, list) and len(got) == expected, path, f"{expected} entries", got)


def check_unordered(expected, got, path):
    """Each expectation is met by an entry of its own, in whatever order."""
    require(isinstance(got, list) and len(got) == len(expected), path,
            f"{len(expected)} entries in any order", got)
    left = list(got)
    for member in expected:
        for index, candidate in enumerate(left):
            try:
                check(member, candidate)
            except Mismatch:
                continue
            del left[index]
            break
        else:
            raise Mismatch(f"{path}: no entry is as expected {member!r}; got {got!r}")


def check_contains(expected, got, path):
    require(isinstance(got, list), path, "a list", got)
    for entry in got:
        try:
            check(expected, entry)
            return
        except Mismatch:
            continue
    raise Mismatch(f"{path}: expected an entry {expected!r}, got {got!r}")


OPERATORS = {
    "$date": check_date,
    "$matches": check_matches,
    "$length": check_length,
    "$unordered": check_unordered,
    "$contains": check_contains,
}
