import { z } from "zod";
import { agentTool } from "../agent-tool.ts";
import { fetchPage } from "./fetch-page.ts";
import type { PageNetwork } from "./fetch-page.ts";
import { readPageText } from "./read-page-text.ts";

/** About 700 tokens: as much as a small model can still answer from. */
const TEXT_CHARS_MAX = 2_800;

const Args = z.strictObject({ url: z.string().min(1).max(300) });

export const readWebPage = (onFault: (error: unknown) => void, network?: PageNetwork) =>
  agentTool({
    name: "read_web_page",
    description: '{"url"} the text of a public web page whose address the person gave',
    schema: Args,
    run: async ({ url }, signal) => {
      const address = /^[a-z][a-z+.-]*:/iu.test(url) ? url : `https://${url}`;
      const page = await fetchPage(address, signal, network);
      const plain = { title: "", text: page.text };
      const { title, text } = /html/iu.test(page.type) ? await readPageText(page.text, signal) : plain;
      return `${title}\n${text}`.trim().slice(0, TEXT_CHARS_MAX) || "the page has no text";
    },
    onFault,
  });
