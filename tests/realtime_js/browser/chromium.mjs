// Chromium without a window, which trusts the CA of the tests as a user's would: by the NSS database
// in its home. And an origin of its own for the page, on the loopback address.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

import { build } from "esbuild";
import { chromium } from "playwright-core";

import { kTestFolder } from "../stage.mjs";

const kExecutable = "/usr/bin/chromium";
// No sandbox: in a container, and as root, there is none to be had. The rest keeps it off the network.
const kFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function trustCarillon(home) {
  const folder = path.join(home, ".pki", "nssdb");
  fs.mkdirSync(folder, { recursive: true });
  const database = `sql:${folder}`;
  const ca = path.join(kTestFolder, "ca.pem");
  execFileSync("certutil", ["-N", "-d", database, "--empty-password"]);
  execFileSync("certutil", ["-A", "-d", database, "-t", "C,,", "-n", "Carillon", "-i", ca]);
}

// A page of a browser that ends with the test.
export async function openChromium(t) {
  const home = fs.mkdtempSync(path.join(kTestFolder, "home-"));
  trustCarillon(home);
  const context = await chromium.launchPersistentContext(path.join(home, "profile"), {
    executablePath: kExecutable,
    headless: true,
    args: kFlags,
    env: { ...process.env, HOME: home },
  });
  t.after(() => context.close());
  return context.newPage();
}

const kPage = `<!doctype html>
<title>chat</title>
<link rel="icon" href="data:,">
<script src="/page.js"></script>`;

// Serves page.mjs, bundled as an application would be. The functions of page.mjs are on
// window.application there.
export async function servePage(t) {
  const bundle = await build({
    entryPoints: [path.join(import.meta.dirname, "page.mjs")],
    bundle: true,
    format: "iife",
    globalName: "application",
    platform: "browser",
    // The ES modules of the SDK, also where CommonJS asks for them: they have the browser's parts.
    mainFields: ["browser", "module", "main"],
    define: { global: "globalThis" },
    write: false,
  });
  const files = {
    "/": ["text/html", kPage],
    "/page.js": ["text/javascript", bundle.outputFiles[0].text],
  };
  const server = http.createServer((request, response) => {
    const [type, text] = files[request.url] ?? ["text/plain", ""];
    response.writeHead(text ? 200 : 404, { "Content-Type": `${type}; charset=utf-8` }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${server.address().port}/`;
}
