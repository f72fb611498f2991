/**
 * `npm test` asks every law the same cases, so that what fails is what was changed; `npm run test:long` draws new ones,
 * and a law that fails there prints its seed. A case found so stays in its test as an example.
 */
import process from "node:process";
import { configureGlobal } from "fast-check";

if (!process.env["LONG_TESTS"]) configureGlobal({ seed: 2_026 });
