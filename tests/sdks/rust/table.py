"""Writes table.rs for the Rust driver: the call of each operation that the scenario has, and how
each structure in it is made of JSON and shown as JSON. Used by ../drivers.py.

Names follow the rules of the SDK's own generator: members in snake case, structures and
enumerations by the name that they have in the service model.
"""

import json
import re

KEYWORDS = {"type"}
HEADER = """// Written by table.py.
use crate::{object, reply, Built, FromJson, Members, ToJson};
use serde_json::Value;
"""


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def field(name):
    return f"r#{snake(name)}" if snake(name) in KEYWORDS else snake(name)


class Service:
    def __init__(self, name, model, operations):
        self.name = name
        self.shapes = model["shapes"]
        self.operations = {name: model["operations"][name] for name in sorted(operations)}
        inputs = {operation["input"] for operation in self.operations.values()} - {None}
        outputs = {operation.get("output") for operation in self.operations.values()} - {None}
        self.made = self.reachable(inputs) - inputs
        self.shown = self.reachable(outputs) - outputs

    def reachable(self, names):
        """The structures and enumerations that these structures consist of, and they themselves."""
        found, left = set(), list(names)
        while left:
            name = left.pop()
            shape = self.shapes[name]
            if name in found:
                continue
            if shape["type"] == "structure" or "enum" in shape:
                found.add(name)
            left += [member["shape"] for member in shape.get("members", [])]
            left += [shape[part] for part in ("element", "value") if part in shape]
        return found

    def members(self, name):
        return [member["name"] for member in self.shapes[name].get("members", [])] if name else []

    def source(self):
        lines = [f"pub mod {self.name} {{ use super::*; use aws_sdk_chimesdk{self.name} as sdk;"]
        for name in sorted(self.made):
            lines += self.from_json(name)
        for name in sorted(self.shown):
            lines += self.to_json(name)
        lines += [
            "pub async fn call(client: &sdk::Client, operation: &str, input: &Value)",
            "-> Result<Value, String> { match operation {",
        ]
        for name, operation in self.operations.items():
            lines += self.call(name, operation)
        return [*lines, '_ => Err(format!("table.rs has no operation {operation}")),', "}}}"]

    def from_json(self, name):
        if "enum" in self.shapes[name]:
            body = ["let text: String = FromJson::from_json(value)?;", "Ok(text.as_str().into())"]
        else:
            builder = f"sdk::types::{name}::builder(){self.setters(name)}.build()"
            body = [*self.take(name, "value"), f"Built::<Self>::built({builder})"]
        return [
            f"impl FromJson for sdk::types::{name} {{",
            "fn from_json(value: &Value) -> Result<Self, String> {", *body, "}}",
        ]

    def to_json(self, name):
        is_enum = "enum" in self.shapes[name]
        body = "Value::from(self.as_str())" if is_enum else self.show(name, "self")
        head = f"impl ToJson for sdk::types::{name} {{ fn to_json(&self) -> Value {{"
        return [head, body, "}}"]

    def take(self, name, source):
        known = ", ".join(f'"{member}"' for member in self.members(name))
        return [f"let members = Members::of({source}, &[{known}])?;"]

    def setters(self, name):
        return "".join(
            f'.set_{snake(member)}(members.get("{member}")?)' for member in self.members(name)
        )

    def show(self, name, source):
        members = self.members(name)
        shown = [f'("{member}", {source}.{field(member)}.to_json())' for member in members]
        return f"object([{', '.join(shown)}])"

    def call(self, name, operation):
        setters, output = self.setters(operation["input"]), operation.get("output")
        argument = "output" if self.members(output) else "_"
        # Boxed, so that what all operations need is not one future on the stack.
        return [
            f'"{name}" => {{',
            *self.take(operation["input"], "input"),
            f"let call = client.{snake(name)}(){setters}.send();",
            f"reply(Box::pin(call).await, |{argument}| {self.show(output, 'output')})",
            "}",
        ]


def table(scenario, models):
    """`models` are the service models by the name of the service."""
    calls = {step["call"] for section in scenario["sections"] for step in section["steps"]
             if "call" in step}
    lines = [HEADER]
    for service, model in models.items():
        operations = {call.split(".")[1] for call in calls if call.split(".")[0] == service}
        lines += Service(service, model, operations).source()
    return "\n".join([*lines, ""])


def write_table(scenario_path, model_folder, target):
    scenario = json.loads(scenario_path.read_text(encoding="utf-8"))
    models = {
        name: json.loads((model_folder / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("messaging", "identity")
    }
    text = table(scenario, models)
    # Left alone if it is the same, so that it is not compiled again.
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")
