// The JavaScript SDK v3 as a driver of the scenario: one JSON request per line in, one JSON answer
// per line out. The packages are those of tests/sdk/js, so that their versions stand in one place.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(new URL("../../sdk/js/package.json", import.meta.url));
const kPackages = {
  messaging: "@aws-sdk/client-chime-sdk-messaging",
  identity: "@aws-sdk/client-chime-sdk-identity",
};
const modules = {
  messaging: require(kPackages.messaging),
  identity: require(kPackages.identity),
};
// An error is to be seen, not repaired by a retry.
const clients = {
  messaging: new modules.messaging.ChimeSDKMessagingClient({ maxAttempts: 1 }),
  identity: new modules.identity.ChimeSDKIdentityClient({ maxAttempts: 1 }),
};

function mapMembers(value, change) {
  const entries = Object.entries(value).map(([name, member]) => [name, change(member)]);
  return Object.fromEntries(entries);
}

// What the scenario says, as the SDK takes it.
function decoded(value) {
  if (Array.isArray(value)) return value.map(decoded);
  if (value === null || typeof value !== "object") return value;
  return "$date" in value ? new Date(value.$date) : mapMembers(value, decoded);
}

function encoded(value) {
  if (value instanceof Date) return { $date: value.getTime() };
  if (Array.isArray(value)) return value.map(encoded);
  if (value === null || typeof value !== "object") return value;
  return mapMembers(value, encoded); // undefined members vanish in JSON
}

async function answer({ service, operation, input }) {
  const module = modules[service];
  let output;
  try {
    output = await clients[service].send(new module[`${operation}Command`](decoded(input)));
  } catch (error) {
    // What is no answer of the service, a body that cannot be parsed above all, is a failure.
    if (error.$fault === undefined) throw error;
    const own = module[error.name];
    const kind = own && error instanceof own ? `${kPackages[service]} ${own.name}` : "untyped";
    return { error: error.name, class: kind, message: error.message };
  }
  delete output.$metadata;
  return { output: encoded(output) };
}

const { version } = require(`${kPackages.messaging}/package.json`);
console.log(JSON.stringify({ sdk: `client-chime-sdk-messaging ${version}` }));
for await (const line of createInterface({ input: process.stdin })) {
  let reply;
  try {
    reply = await answer(JSON.parse(line));
  } catch (failure) {
    reply = { failure: String(failure.stack ?? failure) };
  }
  console.log(JSON.stringify(reply));
}
