import type { CatalogueModel } from "@starai/protocol/catalogue";
import type { Logger } from "pino";
import type { EngineChoice } from "../../config.ts";
import type { Engine } from "../engine.ts";
export async function openOpenAiEngine(
  _choice: Extract<EngineChoice, { kind: "openai" }>,
  _model: CatalogueModel,
  _logger: Logger,
): Promise<Engine> {
  throw new Error("not yet");
}
