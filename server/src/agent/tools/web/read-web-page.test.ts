import type { LookupFunction } from "node:net";
import { MockAgent } from "undici";
import { expect, test } from "vitest";
import { fetchPage } from "./fetch-page.ts";
import { readWebPage } from "./read-web-page.ts";
import { checkUrl } from "./safe-address.ts";

const PRIVATE = "inside a private network";

test.each([
  ["http://127.0.0.1/", PRIVATE],
  ["http://2130706433/", PRIVATE],
  ["http://0x7f.1/", PRIVATE],
  ["http://0x7f000001/", PRIVATE],
  ["http://017700000001/", PRIVATE],
  ["http://127.1/", PRIVATE],
  ["http://0/", PRIVATE],
  ["http://10.0.0.5/", PRIVATE],
  ["http://172.16.3.4/", PRIVATE],
  ["http://192.168.1.1/", PRIVATE],
  ["http://169.254.169.254/latest/meta-data/", PRIVATE],
  ["http://100.64.0.1/", PRIVATE],
  ["http://198.18.0.1/", PRIVATE],
  ["http://224.0.0.1/", PRIVATE],
  ["http://[::1]/", PRIVATE],
  ["http://[::]/", PRIVATE],
  ["http://[::ffff:127.0.0.1]/", PRIVATE],
  ["http://[::ffff:7f00:1]/", PRIVATE],
  ["http://[::ffff:10.0.0.1]/", PRIVATE],
  ["http://[fd00::1]/", PRIVATE],
  ["http://[fe80::1]/", PRIVATE],
  ["http://[64:ff9b::7f00:1]/", PRIVATE],
  ["http://[2002:7f00:1::]/", PRIVATE],
  ["http://１２７.0.0.1/", PRIVATE],
  ["file:///etc/passwd", "only http and https"],
  ["ftp://example.org/", "only http and https"],
  ["gopher://example.org/", "only http and https"],
  ["javascript:alert(1)", "only http and https"],
  ["data:text/html,hi", "only http and https"],
  ["http://example.org:22/", "usual web ports"],
  ["http://example.org:8080/", "usual web ports"],
  ["http://user:secret@example.org/", "with a password"],
  ["not a url", "is not a web address"],
])("%s may not be fetched: %s", (url, why) => {
  expect(checkUrl(url)).toEqual({ refusal: expect.stringContaining(why) as string });
});

test.each([
  "https://example.org/a?b=c",
  "http://example.org:80/",
  "https://93.184.215.14/",
  "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
])("%s may be fetched", (url) => {
  expect(checkUrl(url)).toHaveProperty("url");
});

/** A resolver in place of DNS: the addresses of these names. */
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

test("an unknown host name is reported as unknown", async () => {
  await expect(fetchPage("http://nowhere.test/", undefined, { lookup })).rejects.toThrow("no such site");
});

test("the tool answers with advice, not with an exception", async () => {
  const tool = readWebPage(() => undefined, { lookup });
  const message = (await tool.invoke({
    type: "tool_call",
    id: "1",
    name: "read_web_page",
    args: { url: "http://127.0.0.1/" },
  })) as { content: unknown; status: unknown };
  expect(message.status).toBe("error");
  expect(String(message.content)).toContain("only public pages");
});

/** A site in place of the network: the responses of its pages. */
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
  ["http://127.0.0.1/admin", PRIVATE],
  ["http://2130706433/", PRIVATE],
  ["http://[::ffff:169.254.169.254]/", PRIVATE],
  ["http://example.org:6379/", "usual web ports"],
  ["file:///etc/passwd", "only http and https"],
  ["//10.0.0.1/", PRIVATE],
])("a redirect to %s is not followed: %s", async (location, why) => {
  const dispatcher = site({ "/": to(location) });
  await expect(fetchPage("https://example.org/", undefined, { dispatcher })).rejects.toMatchObject({
    name: "ToolAdvice",
    message: expect.stringContaining(why) as string,
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
