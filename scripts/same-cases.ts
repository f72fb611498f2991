/**
 * `npm test` runs every property on the same cases, so that only a change can fail; `npm run test:long` draws new ones,
 * and a property that fails there prints its seed. A case found this way stays in its test as an example.
 */
import process from "node:process";
import { configureGlobal } from "fast-check";

if (!process.env["LONG_TESTS"]) configureGlobal({ seed: 2_026 });
