import type { LookupFunction } from "node:net";
import { MockAgent } from "undici";
import { expect, test } from "vitest";
import { fetchPage } from "./fetch-page.ts";
import { readWebPage } from "./read-web-page.ts";
import { checkUrl } from "./safe-address.ts";

test.each([
  "http://127.0.0.1/",
  "http://2130706433/",
  "http://0x7f.1/",
  "http://0x7f000001/",
  "http://017700000001/",
  "http://127.1/",
  "http://0/",
  "http://10.0.0.5/",
  "http://172.16.3.4/",
  "http://192.168.1.1/",
  "http://169.254.169.254/latest/meta-data/",
  "http://100.64.0.1/",
  "http://198.18.0.1/",
  "http://224.0.0.1/",
  "http://[::1]/",
  "http://[::]/",
  "http://[::ffff:127.0.0.1]/",
  "http://[::ffff:7f00:1]/",
  "http://[::ffff:10.0.0.1]/",
  "http://[fd00::1]/",
  "http://[fe80::1]/",
  "http://[64:ff9b::7f00:1]/",
  "http://[2002:7f00:1::]/",
  "http://１２７.0.0.1/",
  "file:///etc/passwd",
  "ftp://example.org/",
  "gopher://example.org/",
  "javascript:alert(1)",
  "data:text/html,hi",
  "http://example.org:22/",
  "http://example.org:8080/",
  "http://user:secret@example.org/",
  "not a url",
])("%s may not be fetched", (url) => {
  expect(checkUrl(url)).toHaveProperty("refusal");
});

test.each([
  "https://example.org/a?b=c",
  "http://example.org:80/",
  "https://93.184.215.14/",
  "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
])("%s may be fetched", (url) => {
  expect(checkUrl(url)).toHaveProperty("url");
});

/** A resolver in place of the world's: what these names lead to. */
const lookup: LookupFunction = (hostname, _options, callback) => {
  const known: Record<string, { address: string; family: number }[]> = {
    "private.test": [{ address: "127.0.0.1", family: 4 }],
    "mixed.test": [
      { address: "93.184.215.14", family: 4 },
      { address: "10.0.0.1", family: 4 },
    ],
    "mapped.test": [{ address: "::ffff:192.168.0.1", family: 6 }],
  };
  const found = known[hostname];
  if (found === undefined) callback(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }), []);
  else callback(null, found);
};

test.each(["http://private.test/", "https://mixed.test/", "http://mapped.test/"])(
  "a name that leads into a private network is refused: %s",
  async (url) => {
    await expect(fetchPage(url, undefined, { lookup })).rejects.toThrow("private network");
  },
);

test("a name nobody knows is said to be unknown", async () => {
  await expect(fetchPage("http://nowhere.test/", undefined, { lookup })).rejects.toThrow("no such site");
});

test("the tool answers with advice, not with an exception", async () => {
  const tool = readWebPage(() => undefined, { lookup });
  const message = (await tool.invoke({
    type: "tool_call",
    id: "1",
    name: "read_web_page",
    args: { url: "http://127.0.0.1/" },
  })) as { content: unknown; artifact: unknown };
  expect(message.artifact).toEqual({ ok: false });
  expect(String(message.content)).toContain("only public pages");
});

/** A site in place of the network: what its pages answer. */
function site(pages: Record<string, { status: number; body?: string; headers?: Record<string, string> }>): MockAgent {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const pool = agent.get("https://example.org");
  for (const [path, { status, body = "", headers = {} }] of Object.entries(pages))
    pool.intercept({ path }).reply(status, body, { headers });
  return agent;
}
const HTML = { "content-type": "text/html; charset=utf-8" };
const to = (location: string) => ({ status: 302, headers: { location } });

test("the tool gives a page's title and its text, or plain text as it is", async () => {
  const dispatcher = site({
    "/": { status: 200, body: "<title>Tea</title><style>p{}</style><p>Black&nbsp;tea", headers: HTML },
    "/robots.txt": { status: 200, body: "Disallow: <all>", headers: { "content-type": "text/plain" } },
  });
  const tool = readWebPage(() => undefined, { dispatcher });
  const read = async (url: string) =>
    ((await tool.invoke({ type: "tool_call", id: "1", name: "read_web_page", args: { url } })) as { content: unknown })
      .content;
  expect(await read("example.org")).toBe("Tea\nBlack tea");
  expect(await read("https://example.org/robots.txt")).toBe("Disallow: <all>");
});

test("a page is read through a redirect within its site", async () => {
  const dispatcher = site({
    "/old": to("/new"),
    "/new": { status: 200, body: "<p>Moved &amp; found</p>", headers: HTML },
  });
  expect(await fetchPage("https://example.org/old", undefined, { dispatcher })).toMatchObject({
    url: "https://example.org/new",
    text: "<p>Moved &amp; found</p>",
  });
});

test.each([
  "http://127.0.0.1/admin",
  "http://2130706433/",
  "http://[::ffff:169.254.169.254]/",
  "http://example.org:6379/",
  "file:///etc/passwd",
  "//10.0.0.1/",
])("a redirect to %s is not followed", async (location) => {
  const dispatcher = site({ "/": to(location) });
  await expect(fetchPage("https://example.org/", undefined, { dispatcher })).rejects.toMatchObject({
    name: "ToolAdvice",
    message: expect.stringMatching(/only/u) as string,
  });
});

test("a fourth redirect, an error page and a picture are not read", async () => {
  const dispatcher = site({
    "/1": to("/2"),
    "/2": to("/3"),
    "/3": to("/4"),
    "/4": to("/5"),
    "/gone": { status: 404, headers: HTML },
    "/cat": { status: 200, body: "meow", headers: { "content-type": "image/png" } },
  });
  await expect(fetchPage("https://example.org/1", undefined, { dispatcher })).rejects.toThrow("redirects too often");
  await expect(fetchPage("https://example.org/gone", undefined, { dispatcher })).rejects.toThrow("error 404");
  await expect(fetchPage("https://example.org/cat", undefined, { dispatcher })).rejects.toThrow("not a text page");
});
