#!/usr/bin/env python3
"""Writes messaging.json and identity.json from the service models that botocore carries.

The published SDK models are the only machine-readable statement of what the service accepts. This
importer keeps their facts (operations, bindings, shapes, constraints, errors) and leaves their
documentation prose behind. It is run by hand when botocore gains a newer model, and by
tests/model/model_drift_test.py, which fails when the committed files and the installed botocore
disagree.

It knows every key it may meet and refuses a model that has any other: a fact that is silently
dropped here would be a constraint that the server silently never checks.
"""

import argparse
import gzip
import importlib.util
import json
import pathlib
import sys

EXIT_OK = 0
EXIT_STALE = 1
EXIT_BAD_INPUT = 2

# Output file name -> where botocore keeps that service, relative to its data folder.
SERVICES = {
    "messaging": "chime-sdk-messaging/2021-05-15",
    "identity": "chime-sdk-identity/2021-04-20",
}

LOCATIONS = {"uri": "uri", "querystring": "query", "header": "header"}

# Keys that say nothing the server can act on.
PROSE_KEYS = {"documentation"}
OPERATION_KEYS = {"name", "http", "input", "output", "errors"} | PROSE_KEYS
HTTP_KEYS = {"method", "requestUri", "responseCode"}
MEMBER_KEYS = {"shape", "location", "locationName", "idempotencyToken"} | PROSE_KEYS
SHAPE_KEYS = {
    "structure": {"type", "members", "required"} | PROSE_KEYS,
    "list": {"type", "member", "min", "max"} | PROSE_KEYS,
    "map": {"type", "key", "value", "min", "max"} | PROSE_KEYS,
    "string": {"type", "min", "max", "pattern", "enum", "sensitive"} | PROSE_KEYS,
    "integer": {"type", "min", "max", "box"} | PROSE_KEYS,
    "boolean": {"type", "box"} | PROSE_KEYS,
    "timestamp": {"type"} | PROSE_KEYS,
}
ERROR_KEYS = {"type", "members", "required", "error", "exception", "fault"} | PROSE_KEYS


class ModelError(Exception):
    """The model is not there, or says something that this importer does not understand."""


def refuse_unknown_keys(where, value, known):
    unknown = sorted(set(value) - known)
    if unknown:
        raise ModelError(f"{where}: unknown key {', '.join(unknown)}; teach the importer about it")


def default_botocore_dir():
    spec = importlib.util.find_spec("botocore")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("this Python has no botocore; name its folder with --botocore")
    return pathlib.Path(next(iter(spec.submodule_search_locations)))


def load_service(botocore_dir, service_path):
    plain = botocore_dir / "data" / service_path / "service-2.json"
    packed = plain.with_name("service-2.json.gz")
    try:
        if packed.is_file():
            return json.loads(gzip.decompress(packed.read_bytes()))
        if plain.is_file():
            return json.loads(plain.read_bytes())
    except (OSError, ValueError) as error:
        raise ModelError(f"{botocore_dir}: cannot read {service_path}: {error}") from error
    raise ModelError(f"neither {plain} nor {packed.name} beside it exists")


def import_operation(name, operation):
    refuse_unknown_keys(name, operation, OPERATION_KEYS)
    http = operation["http"]
    refuse_unknown_keys(f"{name}.http", http, HTTP_KEYS)
    out = {
        "method": http["method"],
        "uri": http["requestUri"],
        "status": http.get("responseCode", 200),
    }
    for direction in ("input", "output"):
        if direction in operation:
            refuse_unknown_keys(f"{name}.{direction}", operation[direction], {"shape"})
            out[direction] = operation[direction]["shape"]
    for error in operation.get("errors", []):
        refuse_unknown_keys(f"{name}.errors", error, {"shape"} | PROSE_KEYS)
    out["errors"] = [error["shape"] for error in operation.get("errors", [])]
    return out


def import_member(where, name, member, required):
    refuse_unknown_keys(where, member, MEMBER_KEYS)
    out = {"name": name, "shape": member["shape"]}
    if required:
        out["required"] = True
    if "location" in member:
        if member["location"] not in LOCATIONS:
            raise ModelError(f"{where}: unknown location {member['location']}")
        out["location"] = LOCATIONS[member["location"]]
        out["wire_name"] = member.get("locationName", name)
    elif "locationName" in member:
        raise ModelError(f"{where}: a body member with a name of its own on the wire")
    if member.get("idempotencyToken"):
        out["idempotency_token"] = True
    return out


def import_structure(name, shape):
    required = set(shape.get("required", []))
    missing = sorted(required - set(shape["members"]))
    if missing:
        raise ModelError(f"{name}: requires {', '.join(missing)}, which it does not have")
    members = [
        import_member(f"{name}.{member_name}", member_name, member, member_name in required)
        for member_name, member in shape["members"].items()
    ]
    return {"type": "structure", "members": members}


def import_shape(name, shape):
    kind = shape["type"]
    if kind not in SHAPE_KEYS:
        raise ModelError(f"{name}: unknown type {kind}")
    refuse_unknown_keys(name, shape, SHAPE_KEYS[kind])
    if kind == "structure":
        return import_structure(name, shape)
    out = {"type": kind}
    for inner, key in (("member", "element"), ("key", "key"), ("value", "value")):
        if inner in shape:
            refuse_unknown_keys(f"{name}.{inner}", shape[inner], {"shape"} | PROSE_KEYS)
            out[key] = shape[inner]["shape"]
    for key in ("min", "max", "pattern", "enum"):
        if key in shape:
            out[key] = shape[key]
    if shape.get("sensitive"):
        out["sensitive"] = True
    return out


def import_error(name, shape):
    refuse_unknown_keys(name, shape, ERROR_KEYS)
    refuse_unknown_keys(f"{name}.error", shape["error"], {"httpStatusCode"})
    if sorted(shape["members"]) != ["Code", "Message"]:
        raise ModelError(f"{name}: an error is expected to have exactly Code and Message")
    return {"status": shape["error"]["httpStatusCode"]}


def reachable_shapes(operations, source_shapes):
    """Names of all shapes that some operation's input or output is made of."""
    waiting = [
        operation[direction]
        for operation in operations.values()
        for direction in ("input", "output")
        if direction in operation
    ]
    reached = set()
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        if name not in source_shapes:
            raise ModelError(f"shape {name} is used and not defined")
        reached.add(name)
        shape = source_shapes[name]
        waiting += [member["shape"] for member in shape.get("members", {}).values()]
        waiting += [shape[inner]["shape"] for inner in ("member", "key", "value") if inner in shape]
    return reached


def import_service(source):
    """Our compact form of one botocore service model."""
    operations = {
        name: import_operation(name, source["operations"][name])
        for name in sorted(source["operations"])
    }
    source_shapes = source["shapes"]
    error_names = sorted({name for op in operations.values() for name in op["errors"]})
    reached = sorted(reachable_shapes(operations, source_shapes))
    exceptions = [name for name in reached if source_shapes[name].get("exception")]
    if exceptions:
        raise ModelError(f"{exceptions[0]}: an error is used as an ordinary shape")
    return {
        "service": source["metadata"]["uid"].removesuffix("-" + source["metadata"]["apiVersion"]),
        "api_version": source["metadata"]["apiVersion"],
        "signing_name": source["metadata"]["signingName"],
        "operations": operations,
        "errors": {name: import_error(name, source_shapes[name]) for name in error_names},
        "shapes": {name: import_shape(name, source_shapes[name]) for name in reached},
    }


def render(model):
    """JSON with one operation, error and shape per line, so that a model update reads as a diff."""
    sections = []
    for key, value in model.items():
        if isinstance(value, dict):
            lines = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            sections.append(f" {json.dumps(key)}: {{\n{lines}\n }}")
        else:
            sections.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(sections) + "\n}\n"


def import_all(botocore_dir):
    """File name -> text, for every file that this importer owns."""
    try:
        return {
            f"{name}.json": render(import_service(load_service(botocore_dir, path)))
            for name, path in SERVICES.items()
        }
    except KeyError as error:
        raise ModelError(f"{botocore_dir}: the model lacks {error}") from error


def parse_arguments(arguments):
    parser = argparse.ArgumentParser(
        description="Write messaging.json and identity.json from botocore's service models.",
        epilog="Exit codes: 0 done; 1 with --check, a file is stale; 2 the model or the arguments "
        "cannot be used.",
    )
    parser.add_argument("--botocore", metavar="DIR", type=pathlib.Path,
                        help="the botocore package folder (default: the one this Python imports)")
    parser.add_argument("--out", metavar="DIR", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parent,
                        help="where to write (default: beside this file)")
    parser.add_argument("--check", action="store_true",
                        help="write nothing, only compare with what is there")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse_arguments(arguments)
    try:
        texts = import_all(options.botocore or default_botocore_dir())
        stale = []
        for file_name, text in texts.items():
            path = options.out / file_name
            if options.check:
                if not path.is_file() or path.read_text(encoding="utf-8") != text:
                    stale.append(path)
            else:
                path.write_text(text, encoding="utf-8")
    except (ModelError, OSError) as error:
        print(f"import_model: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    for path in stale:
        print(f"import_model: {path} is stale; run {pathlib.Path(__file__).name} without --check",
              file=sys.stderr)
    return EXIT_STALE if stale else EXIT_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
