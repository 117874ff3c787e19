"""Valid values for every input shape, values that break one constraint, and where to put them."""

from model_rules import MISSING, SCALARS, scalar_clauses

ACCOUNT = "us-east-1:111122223333"
APP_INSTANCE = f"arn:aws:chime:{ACCOUNT}:app-instance/8a6b1c2d-0f3e-4a5b-9c7d-1e2f3a4b5c6d"
# A code point above U+FFFF: two units in UTF-16 and four in UTF-8, but one character.
ASTRAL = "\U0001F514"
MAP_KEY = "topic"

ARNS = {
    "AppInstanceArn": APP_INSTANCE,
    "AppInstanceAdminArn": f"{APP_INSTANCE}/user/admin-1",
    "AppInstanceBotArn": f"{APP_INSTANCE}/bot/5f0c2b1a",
    "AppInstanceUserArn": f"{APP_INSTANCE}/user/alice",
    "ChannelArn": f"{APP_INSTANCE}/channel/d1c2b3a4",
    "ChannelFlowArn": f"{APP_INSTANCE}/channel-flow/77aa88bb",
    "ChannelModeratorArn": f"{APP_INSTANCE}/user/bob",
    "ChimeBearer": f"{APP_INSTANCE}/user/alice",
    "MemberArn": f"{APP_INSTANCE}/user/bob",
    "MemberArns": f"{APP_INSTANCE}/user/bob",
    "ModeratorArns": f"{APP_INSTANCE}/user/carol",
}

# Shapes whose valid values a generic string is not, or not meaningfully.
STRINGS = {
    "CallbackIdType": "0b9c6d1e-7f2a-4c3b-8d5e-6f7a8b9c0d1e",
    "FilterRule": '{"type":["urgent"]}',
    "LambdaFunctionArn": f"arn:aws:lambda:{ACCOUNT}:function:moderate",
    "LexBotAliasArn": f"arn:aws:lex:{ACCOUNT}:bot-alias/ABCDEFGHIJ/KLMNOPQRST",
    "LexIntentName": "Welcome_Intent",
}

TIMESTAMP = "2026-01-31T12:00:00Z"


def broken_clauses(shape, value):
    """The clauses that a scalar breaks."""
    return [clause for broken, clause in scalar_clauses(shape) if broken(value)]


class Samples:
    def __init__(self, rules):
        self.rules = rules

    def valid(self, name, member="", full=False):
        """A valid value; structures get their required members, or with full all of them."""
        shape = self.rules.shape(name)
        kind = shape["type"]
        if kind == "structure":
            return {m["name"]: self.valid(m["shape"], m["name"], full) for m in shape["members"]
                    if full or m.get("required")}
        if kind == "list":
            count = max(1, shape.get("min", 0))
            return [self.valid(shape["element"], member, full) for _ in range(count)]
        if kind == "map":
            return {MAP_KEY: self.valid(shape["value"], member, full)}
        return self.valid_scalar(name, shape, member)

    def valid_scalar(self, name, shape, member):
        if shape["type"] == "integer":
            return shape.get("min", 1)
        if shape["type"] == "boolean":
            return False
        if shape["type"] == "timestamp":
            return TIMESTAMP
        if "enum" in shape:
            return shape["enum"][0]
        arn = ARNS.get(member, APP_INSTANCE) if "ChimeArn" in name else None
        value = STRINGS.get(name, arn or ARNS.get(member) or "sample-1")
        broken = broken_clauses(shape, value)
        if broken:
            raise ValueError(f"{name}: the sample {value!r} is not valid: {broken}")
        return value

    def place(self, name, current, path, value):
        """A copy of `current`, a value of shape `name`, with `value` at `path`; what is missing on
        the way is filled in with valid values."""
        if not path:
            return value
        shape = self.rules.shape(name)
        if current is None:
            current = self.valid(name)
        head, rest = path[0], path[1:]
        if shape["type"] == "list":
            copy = list(current)
            while len(copy) <= head:
                copy.append(self.valid(shape["element"]))
            copy[head] = self.place(shape["element"], copy[head], rest, value)
            return copy
        copy = dict(current)
        inner = shape["value"] if shape["type"] == "map" else next(
            m["shape"] for m in shape["members"] if m["name"] == head)
        copy[head] = self.place(inner, copy.get(head), rest, value)
        if copy[head] is MISSING:
            del copy[head]
        return copy

    # Values that break the constraint in their label. Some break a second one with it, because no
    # value can do without: an ARN over its length cannot match its pattern.

    def breakers(self, name, valid, location):
        """(label, value) for each constraint of a value of this shape that can be broken, and
        (label, reason) for each that cannot."""
        shape = self.rules.shape(name)
        if shape["type"] in ("list", "map"):
            return self.container_breakers(shape, valid)
        if shape["type"] == "integer":
            broken = [(key, shape[key] + step) for key, step in (("max", 1), ("min", -1))
                      if key in shape]
            return broken, []
        if shape["type"] != "string":
            return [], []
        broken, unbreakable = self.length_breakers(shape, valid, location)
        if "enum" in shape:
            broken.append(("enum", "NOT_" + shape["enum"][0]))
            broken.append(("enum.case", shape["enum"][0].lower()))
        if "pattern" in shape:
            patterns = self.pattern_breakers(shape, valid, location)
            broken += patterns
            if not patterns:
                unbreakable.append(("pattern", "every string that can be sent here matches it"))
        return broken, unbreakable

    def container_breakers(self, shape, valid):
        broken, unbreakable = [], []
        if shape["type"] == "map" and ("max" in shape or "min" in shape):
            raise NotImplementedError("a map with a size constraint")
        if "max" in shape:
            broken.append(("max", (valid * (shape["max"] + 1))[:shape["max"] + 1]))
        if shape.get("min", 0) > 0:
            broken.append(("min", []))
        elif "min" in shape:
            unbreakable.append(("min", "nothing is shorter than empty"))
        return broken, unbreakable

    def length_breakers(self, shape, valid, location):
        broken, unbreakable = [], []
        if "max" in shape:
            broken.append(("max", valid + "a" * (shape["max"] + 1 - len(valid))))
        if "min" in shape:
            if shape["min"] == 0:
                unbreakable.append(("min", "nothing is shorter than empty"))
            elif shape["min"] == 1 and location == "uri":
                unbreakable.append(("min", "an empty label names another path"))
            else:
                broken.append(("min", valid[:shape["min"] - 1]))
        return broken, unbreakable

    def pattern_breakers(self, shape, valid, location):
        """Values of allowed length that do not match; the valid one with something before or after
        it finds a matcher that is satisfied with a part."""
        candidates = ["bad value", f"{valid[:4]}\n{valid[4:]}", "bell \u0007 rings", " ",
                      f"{valid}\n", f" {valid}"]
        if location is not None:
            candidates = candidates[:2] if location != "header" else candidates[:1]
        found = []
        for candidate in candidates:
            while len(candidate) < shape.get("min", 0):
                candidate += candidate
            clauses = broken_clauses(shape, candidate)
            if len(clauses) == 1 and "pattern" in clauses[0] and candidate not in found:
                found.append(candidate)
        return [("pattern" if i == 0 else f"pattern.{i + 1}", v) for i, v in enumerate(found)]

    # Values just inside the constraints.

    def keepers(self, name, valid):
        shape = self.rules.shape(name)
        kind = shape["type"]
        if kind == "list" and "max" in shape:
            return [("at_max", (valid * shape["max"])[:shape["max"]])]
        if kind == "integer":
            return [(f"at_{key}", shape[key]) for key in ("min", "max") if key in shape]
        if kind == "boolean":
            return [("true", True)]
        if kind == "timestamp":
            return [("fraction", "2026-01-31T12:00:00.123Z")]
        if kind != "string":
            return []
        if "enum" in shape:
            return [(f"enum.{value}", value) for value in shape["enum"]]
        candidates = []
        if "max" in shape:
            candidates.append(("at_max", valid + "a" * (shape["max"] - len(valid))))
            candidates.append(("at_max_astral", ASTRAL * shape["max"]))
        if "min" in shape:
            candidates.append(("at_min", valid[:shape["min"]]))
        return [(label, value) for label, value in candidates
                if not broken_clauses(shape, value)]

    # Values of another JSON type, for members that travel in the body, or text that is no such
    # number or time, for members that travel in the query.

    def wrong_types(self, name, location):
        kind = self.rules.shape(name)["type"]
        if location == "query":
            texts = {"integer": [("word", "ten"), ("fraction", "1.5")],
                     "timestamp": [("word", "yesterday")]}
            return texts.get(kind, [])
        if location is not None:
            return []
        values = {
            "string": [("number", 42), ("object", {})],
            "integer": [("string", "1"), ("fraction", 1.5), ("boolean", True)],
            "boolean": [("string", "true"), ("number", 1)],
            "timestamp": [("boolean", True)],
            "list": [("object", {}), ("string", "sample")],
            "map": [("array", []), ("string", "sample")],
            "structure": [("array", []), ("string", "sample")],
        }
        return values[kind]


class Site:
    """One place of an input: a member at any depth, a list's scalar element, or a map's keys."""

    def __init__(self, kind, path, shape, member=None, location=None):
        self.kind = kind
        self.path = path
        self.shape = shape
        self.location = location
        self.member = member or {}

    def title(self):
        return ".".join(str(step + 1) if isinstance(step, int) else step for step in self.path)

    def named_members(self):
        """The member names on the way, as a message spells them."""
        return [step[:1].lower() + step[1:] for step in self.path
                if isinstance(step, str) and step != MAP_KEY]


def sites(rules, name, path=(), location=None):
    """All places of a structure, depth first, in the model's order."""
    for member in rules.shape(name)["members"]:
        here = path + (member["name"],)
        where = location or member.get("location")
        yield Site("member", here, member["shape"], member, where)
        yield from inner_sites(rules, member["shape"], here, where)


def inner_sites(rules, name, path, location):
    shape = rules.shape(name)
    if shape["type"] == "structure":
        yield from sites(rules, name, path, location)
    for key, step in (("element", 0), ("value", MAP_KEY)):
        if key not in shape:
            continue
        inner = rules.shape(shape[key])
        if key == "value":
            yield Site("key", path, shape["key"], location=location)
        if inner["type"] in SCALARS or inner["type"] == "structure":
            yield Site("element", path + (step,), shape[key], location=location)
            yield from inner_sites(rules, shape[key], path + (step,), location)
        else:
            raise NotImplementedError(f"{name}: a container directly inside a container")
