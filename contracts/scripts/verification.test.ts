import { readFileSync } from "node:fs";
import path from "node:path";
import { runTolkCompiler } from "@ton/tolk-js";
import { expect, test } from "vitest";
import { contractNames, contractsDir } from "./compile.ts";
import { verificationRequest } from "./verification.ts";
import type { VerificationRequest } from "./verification.ts";

const artefactOf = (name: string) =>
  JSON.parse(readFileSync(path.join(contractsDir, "artefacts", `${name}.json`), "utf8")) as {
    hash: string;
    tolk: string;
  };

/** Compiles as a verifier does: in an empty folder, with the listed files and nothing else. */
function compileListed({ sources }: VerificationRequest, folder = "/tmp/verifier") {
  const listed = new Map(sources.map(({ path: file }) => [`${folder}/${file}`, file]));
  return runTolkCompiler({
    entrypointFileName: `${folder}/${sources.find(({ isEntrypoint }) => isEntrypoint)!.path}`,
    fsReadCallback: (file) => {
      if (!listed.has(file)) throw new Error(`${file} is not listed`);
      return readFileSync(path.join(contractsDir, listed.get(file)!), "utf8");
    },
  });
}

test.each(contractNames())(
  "the files listed for %s compile to the committed code, and without one of them to none",
  async (name) => {
    const request = await verificationRequest(name);
    const { hash, tolk } = artefactOf(name);
    expect(request).toMatchObject({ compiler: "tolk", compilerSettings: { tolkVersion: tolk } });
    expect(Buffer.from(request.knownContractHash, "base64").toString("hex")).toBe(hash);
    expect(request.sources.filter(({ isEntrypoint }) => isEntrypoint)).toHaveLength(1);
    expect(await compileListed(request)).toMatchObject({
      status: "ok",
      codeHashHex: hash.toUpperCase(),
      tolkVersion: tolk,
    });
    const missing = { ...request, sources: request.sources.slice(0, -1) };
    expect(await compileListed(missing)).toMatchObject({ status: "error" });
  },
);
