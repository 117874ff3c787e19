#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets into fixtures/fuzz, from the generated model cases, from the
captured requests of real clients, and from the lists of odd input below.

Writes over what it wrote before and leaves other files alone: an input that once broke something
is added beside them by hand, as found-WHAT.
"""

import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "model"))

import generate_cases  # noqa: E402

BYTES_MAX = 2_048
# The cases that are worth a seed: valid, and broken in many ways at once.
TITLES = ("valid/all", "valid/required", "several/every_member", "body/unknown_member")
CAPTURED_HEADERS = ("x-amz-chime-bearer", "authorization")
CAPTURED_OPERATIONS = ("ListChannelMessages", "ChannelFlowCallback", "ListTagsForResource",
                       "SearchChannels", "Identity-CreateAppInstance", "oddchars")

ODD_BODIES = {
    "depth": b"[" * 70,
    "duplicate-keys": b'{"Name":"a","Name":null,"Name":1,"Metadata":"x","Metadata":"y"}',
    "duplicate-attributes": b'{"Content":"c","Type":"STANDARD","Persistence":"PERSISTENT",'
                            b'"ClientRequestToken":"tt","MessageAttributes":{"k":{"StringValues":'
                            b'["v"]},"k":null,"l":null,"":{"StringValues":[null]}}}',
    "escapes": b'{"Content":"\\ud83d\\ude00\\u0000\\n\\/\\"","Metadata":"\\udc00"}',
    "invalid-utf8": b'{"Content":"\xc3\x28\xff"}',
    "nul": b'{"Content":"a\x00b"}\x00{}',
    "numbers": b'{"A":1e308,"B":-0,"C":9223372036854775808,"D":1.5e-320,"E":0.00000000001}',
    "small-number": b'{"A":0.' + b"0" * 800 + b"1}",
    "truncated": b'{"Content":"abc',
    "whitespace": b' \t\r\n{ "Content" : "x" } ',
}

ODD_REQUESTS = {
    "absolute-form": b"GET http://localhost:7464/channels?x=1\n\n",
    "bad-escape": b"GET /channels/%zz%\nx-amz-chime-bearer: %\n\n",
    "double-slash": b"GET //channels///a//\n\n",
    "empty-label": b"GET /channels//messages\n\n",
    "invalid-utf8": b"GET /channels/%FF%C0%80/\xff?next-token=%ED%A0%80\n"
                    b"x-amz-chime-bearer: \xff\n\n",
    "many-parameters": b"GET /channels?max-results=1&max-results=&max-results=-1&&=&a=b=c"
                       b"&scope\n\n",
    "no-path": b"OPTIONS *\n\n",
    "numbers": b"GET /app-instances?max-results=99999999999999999999&next-token=\n\n",
    "raw-colons": b"GET /channels/arn:aws:chime:us-east-1:1:app-instance%2Fa%2Fchannel%2Fc\n\n",
    "times": b"GET /channels/arn%3Aaws%3Achime%3Aus-east-1%3A1%3Aapp-instance%2Fa%2Fchannel%2Fc/"
             b"messages?not-before=2016-12-31T23%3A59%3A60.9%2B23%3A59&not-after=1\n\n",
}

# The first byte chooses the function; see fuzz_arn.cpp and fuzz_text.cpp.
ARNS = {
    "kind-channel": b"\x00arn:aws:chime:us-east-1:111122223333:app-instance/a/channel/c",
    "kind-flow": b"\x00arn:aws:chime:us-east-1:111122223333:app-instance/a/channel-flow/f",
    "kind-user": b"\x00arn:aws:chime:us-east-1:111122223333:app-instance/a/user/u/x",
    "kind-app-instance": b"\x00arn:aws:chime:/channel/:/user/:app-instance/a",
    "kind-short": b"\x00arn:aws:chime::",
    "made": b"\x01alice@example.com",
    "token": b"\x020123456789abcdef.5.-1f",
    "token-dots": b"\x02...",
    "made-token": b"\x03" + bytes(range(16)) + b"name",
}

TEXTS = {
    "caller": b"cAWS4-HMAC-SHA256 Credential=123456789012/20240102/us-east-1/chime/aws4_request, "
              b"SignedHeaders=host, Signature=00",
    "caller-short": b"cCredential=//",
    "json": b'j{"a":[1,-2.5e3,true,false,null,"\\ud83d\\ude00\\u0041\\n"],"b":{}}',
    "json-surrogates": b'j["\\udc00","\\ud800\\ud800"]',
    "patterns-arn": b"rarn:aws:lambda:us-east-1:111122223333:function:f:$LATEST",
    "patterns-spaces": b"r" + b" " * 200 + b"\n",
    "patterns-words": b"rWelcome_Intent_a_b\xe2\x80\xa8",
    "time": b"t2024-02-29T23:59:60.123456789+05:30",
    "time-zulu": b"t0000-01-01T00:00:00Z",
    "uri": b"p/channels/arn%3Aaws%2f?operation=x&a=%C3%A9&&=b#c",
    "uri-absolute": b"phttp://localhost:1/a?b",
    "utf8": b"u\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x00\x7f",
    "utf8-invalid": b"u\xed\xa0\x80\xf4\x90\x80\x80",
}


def request_seed(method, target, headers, body):
    lines = [f"{method} {target}"] + [f"{name}: {value}" for name, value in headers.items()]
    return ("\n".join(lines) + "\n\n" + (body or "")).encode("utf-8")


def model_seeds():
    """(target, name, bytes) from the generated cases."""
    cases, _ = generate_cases.generate()
    for case in cases:
        title = case["name"].split("/", 2)[2]
        if title not in TITLES:
            continue
        name = f"{case['service']}-{case['operation']}-{title.replace('/', '-')}"
        if title == "valid/all":
            yield "request", name, request_seed(case["method"], case["target"], case["headers"],
                                                case["body"])
        if case["body"] is not None:
            yield "body", name, f"{case['operation']}\n{case['body']}".encode("utf-8")


def captured_seeds():
    """(target, name, bytes) from the requests of real clients."""
    for path in sorted((ROOT / "fixtures" / "captures").glob("*.txt")):
        client, _, operation = path.stem.partition("__")
        if not operation.startswith(CAPTURED_OPERATIONS):
            continue
        head, _, body = path.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
        lines = [line for line in head.split(b"\n") if not line.startswith(b"#")]
        request_line = lines[0].removesuffix(b" HTTP/1.1")
        kept = [line for line in lines[1:]
                if line.split(b":")[0].lower().decode("latin-1") in CAPTURED_HEADERS]
        yield "request", f"{client}-{operation}", (
            b"\n".join([request_line, *kept]) + b"\n\n" + body.strip())


def odd_seeds():
    for name, body in ODD_BODIES.items():
        yield "body", f"odd-{name}", b"SendChannelMessage\n" + body
    for target, seeds in (("request", ODD_REQUESTS), ("arn", ARNS), ("text", TEXTS)):
        for name, seed in seeds.items():
            yield target, f"odd-{name}" if target == "request" else name, seed


def main(arguments):
    parser = argparse.ArgumentParser(description="Write the seeds of the fuzz targets.")
    parser.add_argument("--out", metavar="FOLDER", type=pathlib.Path,
                        default=ROOT / "fixtures" / "fuzz")
    options = parser.parse_args(arguments)
    written = {}
    for source in (model_seeds, captured_seeds, odd_seeds):
        for target, name, seed in source():
            if len(seed) > BYTES_MAX:
                continue
            folder = options.out / target
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(seed)
            written[target] = written.get(target, 0) + 1
    print(", ".join(f"{count} seeds for {target}" for target, count in sorted(written.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
