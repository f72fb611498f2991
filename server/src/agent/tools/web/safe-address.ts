/** Which addresses a page may be read from: public ones only, however they are spelt. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** The range IANA allocates as global unicast; no other IPv6 address is on the public internet. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");
/** Public in IANA's registries, but internal: Azure's host answers here inside each of its virtual machines. */
const CLOUD_HOSTS: ReadonlySet<string> = new Set(["168.63.129.16"]);

/** Whether an IP address is of the public internet. IPv4 mapped into IPv6 is judged as the IPv4 it is. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  // "unicast" leaves out IANA's special-purpose registries: private, shared, link-local, multicast, 6to4, Teredo, NAT64.
  if (parsed.range() !== "unicast") return false;
  return parsed instanceof ipaddr.IPv6 ? parsed.match(GLOBAL_UNICAST) : !CLOUD_HOSTS.has(parsed.toString());
}

/** A URL that may be fetched, or why not. `host` literals are checked here, names when they are looked up. */
export function checkUrl(text: string): { url: URL } | { refusal: string } {
  if (!URL.canParse(text))
    return { refusal: `"${text.slice(0, 80)}" is not a web address; write one such as https://example.org/page` };
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return { refusal: "only http and https pages can be read" };
  if (url.port !== "" && url.port !== "80" && url.port !== "443")
    return { refusal: "only pages on the usual web ports can be read" };
  if (url.username !== "" || url.password !== "") return { refusal: "an address with a password in it is not read" };
  // The URL parser has already turned 2130706433, 0x7f.1 and 017700000001 into 127.0.0.1.
  const host = url.hostname.replace(/^\[|\]$/gu, "");
  if (isIP(host) !== 0 && !isPublicAddress(host))
    return { refusal: "that address is inside a private network; only public pages can be read" };
  return { url };
}
