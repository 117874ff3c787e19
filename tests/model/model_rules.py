"""What the service answers to input that breaks its model: a second implementation, for tests.

The server validates in C++ from generated tables; this module states the same rules again,
directly over the model files, so that the expectations of the generated cases do not come from
the code under test. The wording is that of AWS's own framework as it is known from its answers.
"""

import json
import pathlib
import re

MODEL_DIR = pathlib.Path(__file__).resolve().parents[2] / "api" / "model"
SERVICES = ("messaging", "identity")

# Shapes that have no members of their own: their values can be printed in a message.
SCALARS = ("string", "integer", "boolean", "timestamp")


class Missing:
    """Stands for a member that is not sent at all; None stands for a JSON null."""


MISSING = Missing()


def load_model(service):
    return json.loads((MODEL_DIR / f"{service}.json").read_text(encoding="utf-8"))


def lower_first(name):
    return name[:1].lower() + name[1:]


def compile_pattern(text):
    """The model's patterns are Java's. A supplementary code point is written there as five or six
    hexadecimal digits after \\u, which Python wants as \\U and eight."""
    text = re.sub(r"\\u(10[0-9A-F]{4}|1[0-9A-F]{4})(?![0-9A-F])",
                  lambda match: f"\\U{int(match[1], 16):08X}", text)
    return re.compile(text, re.ASCII)


_patterns = {}


def matches(pattern, value):
    if pattern not in _patterns:
        _patterns[pattern] = compile_pattern(pattern)
    return _patterns[pattern].fullmatch(value) is not None


def size_clauses(shape):
    """(broken by this size?, clause) for each bound, the upper one first."""
    word = "value" if shape["type"] == "integer" else "length"
    clauses = []
    if "max" in shape:
        clauses.append((lambda size: size > shape["max"],
                        f"Member must have {word} less than or equal to {shape['max']}"))
    if "min" in shape:
        clauses.append((lambda size: size < shape["min"],
                        f"Member must have {word} greater than or equal to {shape['min']}"))
    return clauses


def scalar_clauses(shape):
    """(broken by this value?, clause) for each constraint, in the order they are reported."""
    measure = (lambda value: value) if shape["type"] == "integer" else len
    clauses = [(lambda value, broken=broken: broken(measure(value)), text)
               for broken, text in size_clauses(shape)]
    if "enum" in shape:
        clauses.append((lambda value: value not in shape["enum"],
                        f"Member must satisfy enum value set: [{', '.join(shape['enum'])}]"))
    if "pattern" in shape:
        clauses.append((lambda value: not matches(shape["pattern"], value),
                        f"Member must satisfy regular expression pattern: {shape['pattern']}"))
    return clauses


def printed(value):
    """A value as Java's toString prints it."""
    if isinstance(value, list):
        return f"[{', '.join(printed(element) for element in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}={printed(v)}" for k, v in value.items()) + "}"
    return str(value)


class Rules:
    """The constraint rules over one service's shapes."""

    def __init__(self, model):
        self.shapes = model["shapes"]

    def shape(self, name):
        return self.shapes[name]

    def is_scalar(self, name):
        return self.shapes[name]["type"] in SCALARS

    def withheld(self, shape):
        """Whether a message may not show a value of this shape."""
        inner = [shape[key] for key in ("element", "key", "value") if key in shape]
        if not inner:
            return shape.get("sensitive", False)
        return any(not self.is_scalar(n) or self.shapes[n].get("sensitive") for n in inner)

    def violation(self, shape, value, path, clause):
        shown = "Value" if self.withheld(shape) else f"Value '{printed(value)}'"
        return f"{shown} at '{path}' failed to satisfy constraint: {clause}"

    def of_structure(self, name, value, prefix=""):
        """Every violation in a structure, depth first, in the model's member order."""
        found = []
        for member in self.shapes[name]["members"]:
            path = prefix + lower_first(member["name"])
            member_value = value.get(member["name"])
            if member_value is not None:
                found += self.of_value(member["shape"], member_value, path)
            elif member.get("required"):
                found.append(f"Value null at '{path}' failed to satisfy constraint: "
                             "Member must not be null")
        return found

    def of_value(self, name, value, path):
        shape = self.shapes[name]
        if shape["type"] == "structure":
            return self.of_structure(name, value, path + ".")
        if shape["type"] in SCALARS:
            return [self.violation(shape, value, path, clause)
                    for broken, clause in scalar_clauses(shape) if broken(value)]
        found = [self.violation(shape, value, path, clause)
                 for broken, clause in size_clauses(shape) if broken(len(value))]
        if shape["type"] == "list":
            entries = [(str(index), element) for index, element in enumerate(value, start=1)]
            return found + self.of_inner(shape, shape["element"], value, entries, path,
                                         "Member must satisfy constraint")
        found += self.of_inner(shape, shape["key"], value, [(k, k) for k in value], path,
                               "Map keys must satisfy constraint")
        return found + self.of_inner(shape, shape["value"], value, list(value.items()), path,
                                     "Map value must satisfy constraint")

    def of_inner(self, shape, inner_name, value, entries, path, lead):
        """Violations in the elements, keys or values of a container. Structures are named by their
        place in it; for scalars the container is named, once, with all that its scalars must be."""
        inner = self.shapes[inner_name]
        if inner["type"] == "structure":
            return [text for place, entry in entries
                    for text in self.of_structure(inner_name, entry, f"{path}.{place}.member.")]
        if inner["type"] not in SCALARS:
            raise NotImplementedError(f"{inner_name}: a container directly inside a container")
        clauses = scalar_clauses(inner)
        if not any(broken(entry) for _, entry in entries for broken, _ in clauses):
            return []
        every = ", ".join(text for _, text in clauses)
        return [self.violation(shape, value, path, f"{lead}: [{every}]")]


def message(violations):
    noun = "error" if len(violations) == 1 else "errors"
    return f"{len(violations)} validation {noun} detected: {'; '.join(violations)}"
