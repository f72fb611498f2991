/**
 * `npm run contracts:verification [-- --sender ADDRESS]`: writes what a source verifier of TON asks for, so that everybody can
 * read the code behind an address. The registry is keyed by code hash: one entry serves all instances of a contract.
 * @see github.com/ton-community/contract-verifier-backend, `POST /source`: a form with the part `json` and one part a file,
 * named by its path.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Address } from "@ton/core";
import { compile, contractNames, contractsDir } from "./compile.ts";

/** The part `json`. The verifier compiles the files with exactly this compiler and compares the hash of the code, in base64. */
export interface VerificationRequest {
  readonly compiler: "tolk";
  readonly compilerSettings: { readonly tolkVersion: string };
  readonly knownContractHash: string;
  /** Only shown; empty where a contract has many addresses. */
  readonly knownContractAddress: string;
  /** The only wallet that may bring the verifier's signatures to the registry. */
  readonly senderAddress: string;
  /** In the order of the form's file parts; the entry point first. */
  readonly sources: readonly VerifiedSource[];
}

interface VerifiedSource {
  /** The name of the file's part, relative to contracts/. */
  readonly path: string;
  readonly folder: string;
  readonly isEntrypoint: boolean;
  readonly includeInCommand: true;
  readonly isStdLib: false;
  readonly hasIncludeDirectives: boolean;
}

/** Compiles a contract and describes exactly the files that the compiler read. */
export async function verificationRequest(name: string, senderAddress = ""): Promise<VerificationRequest> {
  const files = new Map<string, string>();
  const { hash, tolk } = await compile(name, (file, source) => {
    files.set(file, source);
    return source;
  });
  return {
    compiler: "tolk",
    compilerSettings: { tolkVersion: tolk },
    knownContractHash: Buffer.from(hash, "hex").toString("base64"),
    knownContractAddress: "",
    senderAddress,
    sources: [...files].map(([file, source], index) => ({
      path: file,
      folder: path.posix.dirname(file),
      isEntrypoint: index === 0, // The compiler reads the entry point first.
      includeInCommand: true,
      isStdLib: false, // The compiler brings its own standard library.
      hasIncludeDirectives: /^import "/m.test(source),
    })),
  };
}

/** Ignored by git: the files follow from the sources. */
const FOLDER = path.join(contractsDir, "verification");

/** @throws with a sentence when the sender is no address. */
async function run(words: readonly string[], say: (line: string) => void): Promise<void> {
  const sender = words.includes("--sender") ? senderOf(words[words.indexOf("--sender") + 1] ?? "") : "";
  for (const name of contractNames()) {
    const request = await verificationRequest(name, sender);
    const folder = path.join(FOLDER, name);
    for (const { path: file } of request.sources) {
      mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(folder, file), readFileSync(path.join(contractsDir, file)));
    }
    writeFileSync(path.join(folder, "request.json"), `${JSON.stringify(request, null, 2)}\n`);
    say(`${name.padEnd(20)} ${request.sources.length} files, code hash ${request.knownContractHash}`);
  }
  say(`\nWritten to ${path.relative(process.cwd(), FOLDER)}/: for each contract its files and request.json.`);
  if (sender === "")
    say("Without --sender ADDRESS the verifier cannot sign for anybody: name the wallet that will send it.");
}

function senderOf(text: string): string {
  if (!Address.isFriendly(text))
    throw new Error(`--sender must be a wallet's address such as EQ…, not "${text.slice(0, 60)}"`);
  return text;
}

if (process.argv[1] === import.meta.filename)
  await run(process.argv.slice(2), console.log).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
