#!/usr/bin/env python3
"""Writes docs/coverage.md, the table of all operations and how far each one is, from the model.

Run by hand after the overlay changes; with --check, by the tests, so that the published table
cannot disagree with what the server was generated from.
"""

import argparse
import json
import pathlib
import sys

EXIT_OK = 0
EXIT_STALE = 1
EXIT_BAD_INPUT = 2

MODEL_DIR = pathlib.Path(__file__).resolve().parent
DEFAULT_OUT = MODEL_DIR.parent.parent / "docs" / "coverage.md"
SERVICES = ("messaging", "identity")

HEAD = """# Coverage

Written by `api/model/coverage.py` from the service model and its overlay; edits here are
overwritten.

*Implemented* operations have a function and do what the service does, apart from what
[fidelity.md](fidelity.md) names. *Planned* operations are routed and their input is checked like
that of all others; a valid request is then answered with status 501.
"""


def load(name):
    return json.loads((MODEL_DIR / f"{name}.json").read_text(encoding="utf-8"))


def check_overlay(models, overlay):
    """A name that the model does not have would silently change nothing."""
    named = [(s, name) for s in SERVICES for name in overlay["planned"][s]]
    named += [(entry["service"], entry["operation"]) for entry in overlay["reads"]]
    named += [(e["service"], e["operation"]) for e in overlay["not_idempotency_tokens"]]
    for service, name in named:
        if name not in models[service]["operations"]:
            raise ValueError(f"overlay.json names {name}, which {service}.json does not have")


def summary(models, overlay):
    rows = ["| service | model | operations | implemented | planned |", "|---|---|---|---|---|"]
    for service in SERVICES:
        model = models[service]
        planned = len(overlay["planned"][service])
        total = len(model["operations"])
        rows.append(f"| `{model['service']}` | {model['api_version']} | {total} "
                    f"| {total - planned} | {planned} |")
    return "\n".join(rows) + "\n"


def service_table(model, planned):
    rows = ["| operation | request | success | state |", "|---|---|---|---|"]
    for name, operation in model["operations"].items():
        state = "planned" if name in planned else "implemented"
        rows.append(f"| {name} | `{operation['method']} {operation['uri']}` "
                    f"| {operation['status']} | {state} |")
    return "\n".join(rows) + "\n"


def render():
    models = {service: load(service) for service in SERVICES}
    overlay = load("overlay")
    check_overlay(models, overlay)
    sections = [HEAD, summary(models, overlay)]
    for service in SERVICES:
        table = service_table(models[service], set(overlay["planned"][service]))
        sections.append(f"## {models[service]['service']}\n\n{table}")
    return "\n".join(sections)


def main(arguments):
    parser = argparse.ArgumentParser(
        description="Write the table of operations and their state.",
        epilog="Exit codes: 0 done; 1 with --check, the table is stale; 2 the model or the "
        "arguments cannot be used.")
    parser.add_argument("--out", metavar="FILE", type=pathlib.Path, default=DEFAULT_OUT)
    parser.add_argument("--check", action="store_true",
                        help="write nothing, only compare with what is there")
    options = parser.parse_args(arguments)
    try:
        text = render()
        if not options.check:
            options.out.write_text(text, encoding="utf-8")
            return EXIT_OK
        current = options.out.read_text(encoding="utf-8") if options.out.is_file() else ""
    except (OSError, ValueError, KeyError) as error:
        print(f"coverage: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    if current == text:
        return EXIT_OK
    print(f"coverage: {options.out} is stale; refresh it with: python3 api/model/coverage.py",
          file=sys.stderr)
    return EXIT_STALE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
