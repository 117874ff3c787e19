// Runs test files with `node --test` in an environment that trusts Carillon's CA, as an application
// would: by NODE_EXTRA_CA_CERTS, which Node reads when it starts.
//
//   node run.mjs [OPTION OF NODE...] FILE...
//
// A CA belongs to a data directory. All servers of the tests start from a copy of the one made here,
// so that all have the same. The tests' own server (interloper.mjs) has a certificate of its own.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import { CarillonProcess } from "../support/carillon_process.mjs";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "carillon-realtime-"));
const inside = (name) => path.join(folder, name);

async function makeAuthority() {
  const carillon = await new CarillonProcess(["--data", inside("data")]).start();
  const response = await fetch(`${carillon.endpoint}/_carillon/ca.pem`);
  const pem = await response.text();
  assert.equal(response.status, 200, pem);
  fs.writeFileSync(inside("ca.pem"), pem);
  await carillon.end();
}

function makeInterlopersCertificate() {
  const options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  const names = ["-subj", "/CN=interloper", "-addext", "subjectAltName=IP:127.0.0.1"];
  const files = ["-keyout", inside("interloper.key"), "-out", inside("interloper.pem")];
  execFileSync("openssl", ["req", "-x509", ...options, ...names, ...files], { stdio: "pipe" });
}

try {
  await makeAuthority();
  makeInterlopersCertificate();
  const trusted = ["ca.pem", "interloper.pem"].map((name) => fs.readFileSync(inside(name), "utf8"));
  fs.writeFileSync(inside("trusted.pem"), trusted.join("\n"));
  const { status } = spawnSync(process.execPath, ["--test", ...process.argv.slice(2)], {
    env: {
      ...process.env,
      NODE_EXTRA_CA_CERTS: inside("trusted.pem"),
      CARILLON_TEST_FOLDER: folder,
    },
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}
