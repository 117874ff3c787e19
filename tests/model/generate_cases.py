#!/usr/bin/env python3
"""Writes one raw HTTP request for every way to break the service model, and what must come back.

The build runs it; the model tests feed each line's request to the service without a socket. One
JSON object a line: name, service, operation, method, target, headers, body (a string or null), and
expect, which is either a refusal

    {"status", "error_type", "code", "message" (exact, or null), "message_contains": [...]}

or, for requests that the model allows, what the answer must not be

    {"not_error_types": [...], "message_lacks": [...]}

because whether such a request then succeeds is up to the operation.
"""

import argparse
import collections
import json
import pathlib
import sys
import urllib.parse

from model_rules import MISSING, SERVICES, Rules, load_model, message
from model_samples import MAP_KEY, Samples, sites

ACCEPTED = {
    "not_error_types": ["SerializationException", "UnknownOperationException"],
    "message_lacks": ["validation error detected", "validation errors detected"],
}


def percent_encoded(value):
    return urllib.parse.quote(str(value), safe="-._~")


def refusal(violations):
    return {"status": 400, "error_type": "BadRequestException", "code": "BadRequest",
            "message": message(violations), "message_contains": []}


def serialization_refusal(contains):
    return {"status": 400, "error_type": "SerializationException",
            "code": "SerializationException", "message": None, "message_contains": contains}


def bound_request(operation, members, value):
    """Method, target, headers and body of a request, as an SDK would bind this input."""
    path, _, literal = operation["uri"].partition("?")
    query = [literal] if literal else []
    headers = {}
    for member in members:
        name = member["name"]
        location = member.get("location")
        if location is None or name not in value:
            continue
        if location == "uri":
            if value[name] == "":
                raise ValueError(f"{name}: an empty label names another path")
            path = path.replace("{" + member["wire_name"] + "}", percent_encoded(value[name]))
        elif location == "query":
            query.append(f"{member['wire_name']}={percent_encoded(value[name])}")
        else:
            headers[member["wire_name"]] = value[name]
    target = f"{path}?{'&'.join(query)}" if query else path
    return {"method": operation["method"], "target": target, "headers": headers,
            "body": body_text(members, value, headers)}


def body_text(members, value, headers):
    """The body, in the order of the value and not of the model, or None for an operation that
    never has one."""
    names = {member["name"] for member in members if "location" not in member}
    if not names:
        return None
    headers["content-type"] = "application/json"
    return json.dumps({k: v for k, v in value.items() if k in names}, ensure_ascii=False)


class OperationCases:
    """The cases of one operation."""

    def __init__(self, service, model, name):
        self.service = service
        self.name = name
        self.operation = model["operations"][name]
        self.rules = Rules(model)
        self.samples = Samples(self.rules)
        self.input = self.operation["input"]
        self.members = model["shapes"][self.input]["members"]
        self.has_body = any("location" not in member for member in self.members)
        self.base = self.samples.valid(self.input)
        self.sites = list(sites(self.rules, self.input))
        self.cases = []
        self.skipped = []

    def add(self, title, value, expect, body=None):
        request = bound_request(self.operation, self.members, value)
        if body is not None:
            request["body"] = body
        self.cases.append({"name": f"{self.service}/{self.name}/{title}", "service": self.service,
                           "operation": self.name, **request, "expect": expect})

    def skip(self, title, reason):
        self.skipped.append((f"{self.service}/{self.name}/{title}", reason))

    def add_refused(self, title, value):
        violations = self.rules.of_structure(self.input, value)
        if not violations:
            raise ValueError(f"{self.name}/{title}: meant to be refused and breaks nothing")
        self.add(title, value, refusal(violations))

    def add_accepted(self, title, value):
        violations = self.rules.of_structure(self.input, value)
        if violations:
            raise ValueError(f"{self.name}/{title}: meant to be accepted: {violations}")
        self.add(title, value, ACCEPTED)

    def with_value(self, path, value, base=None):
        return self.samples.place(self.input, base or self.base, path, value)

    def valid_at(self, site):
        member = next((s for s in reversed(site.path) if isinstance(s, str) and s != MAP_KEY), "")
        return self.samples.valid(site.shape, member)

    def generate(self):
        self.add_accepted("valid/required", self.base)
        full = self.samples.valid(self.input, full=True)
        self.add_accepted("valid/all", full)
        for site in self.sites:
            if site.kind == "key":
                self.map_keys(site)
                continue
            if site.kind == "member":
                self.missing(site)
            self.broken(site)
            self.kept(site)
            self.wrong_type(site)
        self.second_elements()
        self.malformed()
        self.several()
        return self.cases, self.skipped

    def missing(self, site):
        title = f"{site.title()}/missing"
        if not site.member.get("required"):
            if site.location is None:
                self.add_accepted(f"{site.title()}/null", self.with_value(site.path, None))
            return
        if site.location == "uri":
            self.skip(title, "a path without this label is another path")
            return
        self.add_refused(title, self.with_value(site.path, MISSING))
        if site.location is None:
            self.add_refused(f"{site.title()}/null", self.with_value(site.path, None))

    def broken(self, site):
        valid = self.valid_at(site)
        broken, unbreakable = self.samples.breakers(site.shape, valid, site.location)
        for label, value in broken:
            self.add_refused(f"{site.title()}/{label}", self.with_value(site.path, value))
        for label, reason in unbreakable:
            self.skip(f"{site.title()}/{label}", reason)
        if site.kind != "element" or not broken or not isinstance(site.path[-1], int):
            return
        # The list is named once, with all its elements, however many of them are wrong.
        beside = self.with_value(site.path[:-1], [valid, broken[-1][1], broken[-1][1]])
        self.add_refused(f"{site.title()}/two_of_three", beside)

    def kept(self, site):
        for label, value in self.samples.keepers(site.shape, self.valid_at(site)):
            if site.location == "uri" and value == "":
                continue
            self.add_accepted(f"{site.title()}/{label}", self.with_value(site.path, value))

    def wrong_type(self, site):
        for label, value in self.samples.wrong_types(site.shape, site.location):
            self.add(f"{site.title()}/type.{label}", self.with_value(site.path, value),
                     serialization_refusal(site.named_members()))

    def map_keys(self, site):
        valid = MAP_KEY
        inner = self.samples.valid(self.rules.shape(self.shape_at(site.path))["value"])
        broken, unbreakable = self.samples.breakers(site.shape, valid, site.location)
        for label, key in broken:
            self.add_refused(f"{site.title()}/key.{label}",
                             self.with_value(site.path, {key: inner}))
        for label, reason in unbreakable:
            self.skip(f"{site.title()}/key.{label}", reason)
        for label, key in self.samples.keepers(site.shape, valid):
            self.add_accepted(f"{site.title()}/key.{label}",
                              self.with_value(site.path, {key: inner}))

    def shape_at(self, path):
        return next(site.shape for site in self.sites if site.path == path)

    def second_elements(self):
        """Elements are counted from one, and each is named by its own number."""
        for site in self.sites:
            if site.kind != "element" or not isinstance(site.path[-1], int):
                continue
            shape = self.rules.shape(site.shape)
            holder = self.rules.shape(self.shape_at(site.path[:-1]))
            required = [m for m in shape.get("members", []) if m.get("required")]
            if not required or holder.get("max", 2) < 2:
                continue
            path = site.path[:-1] + (1, required[-1]["name"])
            self.add_refused(f"{'.'.join(map(str, site.path[:-1]))}.2.{path[-1]}/missing",
                             self.with_value(path, MISSING))

    def malformed(self):
        if not self.has_body:
            return
        for label, body in (("truncated", '{"'), ("trailing", "{} {}"), ("array", "[]"),
                            ("scalar", "1"), ("unquoted", "{Name: 1}")):
            self.add(f"body/{label}", self.base, serialization_refusal([]), body)
        known = json.loads(body_text(self.members, self.base, {}))
        unknown = {"CarillonUnknownMember": {"Anything": [1, None]}}
        self.add("body/unknown_member", self.base, ACCEPTED, json.dumps(known | unknown))

    def several(self):
        """Answers with more than one violation: all are told, in the model's order."""
        sendable = [m for m in self.members if m.get("location") != "uri"]
        required = [m["name"] for m in sendable if m.get("required")]
        if required:
            bare = {k: v for k, v in self.base.items() if k not in required}
            self.add_refused("several/all_required_missing", bare)
        changes = []
        for member in self.members:
            broken, _ = self.samples.breakers(
                member["shape"], self.samples.valid(member["shape"], member["name"]),
                member.get("location"))
            if broken:
                changes.append((member["name"], broken[0][1]))
        if len(changes) < 2:
            self.skip("several/two", "fewer than two members of its own can be broken")
            return
        self.add_refused("several/two", self.base | dict([changes[0], changes[-1]]))
        # Written in reverse, so that an order taken from the body would show.
        self.add_refused("several/every_member",
                         dict(reversed(list((self.base | dict(changes)).items()))))


def generate():
    """(cases, skipped) for all operations of all services."""
    cases, skipped = [], []
    for service in SERVICES:
        model = load_model(service)
        for name in model["operations"]:
            new_cases, new_skipped = OperationCases(service, model, name).generate()
            cases += new_cases
            skipped += new_skipped
    return cases, skipped


def counts(cases, skipped):
    kinds = collections.Counter(
        case["expect"].get("error_type", "accepted") for case in cases)
    operations = len({(case["service"], case["operation"]) for case in cases})
    parts = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    return (f"{len(cases)} cases of {operations} operations ({parts}); "
            f"{len(skipped)} constraints that no request can break")


def main(arguments):
    parser = argparse.ArgumentParser(
        description="Write the generated model cases as JSON lines.",
        epilog="Exit codes: 0 done; 2 the model or the arguments cannot be used.")
    parser.add_argument("--out", metavar="FILE", type=pathlib.Path, required=True)
    parser.add_argument("--list-skipped", action="store_true",
                        help="also print each constraint that has no case, with the reason")
    options = parser.parse_args(arguments)
    try:
        cases, skipped = generate()
        text = "".join(json.dumps(case) + "\n" for case in cases)
        options.out.write_text(text, encoding="utf-8")
    except (OSError, ValueError, KeyError, NotImplementedError) as error:
        print(f"generate_cases: {error}", file=sys.stderr)
        return 2
    print(counts(cases, skipped))
    if options.list_skipped:
        for name, reason in skipped:
            print(f"  {name}: {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
