/**
 * Groups: one model served by a head and one to three layer nodes, where no single machine holds it.
 *
 * The pool pairs the machines and sends each its part in a `group` frame, the nodes first. A node fetches or finds the
 * model's file, starts its layer server on loopback and says `ready`; when all are, the head gets its frame, loads the
 * model over the tunnels and says `up` with the model as the group serves it. From then on the head takes leases of it
 * like any other. Whoever cannot go on says `ended` with the reason; the pool ends the group for all with `ungroup`.
 */
import { z } from "zod";
import { Sha256, WorkerKey, hex } from "./worker-key.ts";

export const GROUP_NODES_MAX = 3;
/** Path of the relay on the server's one HTTP port. */
export const TUNNEL_PATH = "/tunnel";
/** An engine opens about 21 connections to each node; more than this is a flood. */
export const TUNNEL_CONNECTIONS_MAX = 64;

const ModelId = z.string().min(1).max(120);
const Reason = z.string().max(500);

/** For whom a machine holds layers. */
export const SPLIT_MODES = ["own", "pool", "off"] as const;
export type SplitMode = (typeof SPLIT_MODES)[number];

/** What a machine offers to groups, with its `ready`; absent: nothing. */
export const SplitOffer = z.strictObject({
  /** Heads of the same owner only, or every head that the pool trusts. */
  serves: z.enum(["own", "pool"]),
  /** Of its build of llama.cpp: all machines of a group carry the same. */
  build: Sha256,
  /** What layers may take here now, within its owner's limits. */
  memoryBytes: z.int().nonnegative(),
  /** The model that its owner wants served and that does not fit here alone; null: it only holds layers. */
  wants: ModelId.nullable(),
  /** Model files it has, verified; a node without the file fetches it first. */
  files: z.array(Sha256).max(32),
});
export type SplitOffer = z.infer<typeof SplitOffer>;

const Layers = z.int().nonnegative().max(1_000);

/** Where the head reaches a node without the pool: addresses of its local network, with a key for TLS-PSK. */
export const DirectAddress = z.strictObject({
  addresses: z
    .array(z.union([z.ipv4(), z.ipv6()]))
    .min(1)
    .max(8),
  port: z.int().min(1).max(65_535),
});
export type DirectAddress = z.infer<typeof DirectAddress>;

export const GroupPart = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("head"),
    /** Of the model's layers, those it computes itself, the first ones; with them the output. */
    layers: Layers,
    /** In the order of their layers. */
    nodes: z
      .array(
        z.strictObject({
          worker: WorkerKey,
          name: z.string().max(60),
          layers: Layers.min(1),
          /** Shared by this head and this node for this group. */
          secret: hex(32),
          direct: DirectAddress.nullable(),
        }),
      )
      .min(1)
      .max(GROUP_NODES_MAX),
  }),
  z.strictObject({
    kind: z.literal("node"),
    /** Its place among the nodes, from 0. */
    place: z
      .int()
      .nonnegative()
      .max(GROUP_NODES_MAX - 1),
    firstLayer: Layers,
    layers: Layers.min(1),
    head: z.strictObject({ worker: WorkerKey, name: z.string().max(60) }),
    secret: hex(32),
  }),
]);
export type GroupPart = z.infer<typeof GroupPart>;

/** Pool to worker: its part of a group. It has at most one at a time. */
export const GroupFrame = z.strictObject({
  type: z.literal("group"),
  group: z.uuid(),
  model: ModelId,
  sha256: Sha256,
  contextTokens: z.int().positive(),
  slots: z.int().positive().max(256),
  kvType: z.enum(["f16", "q8_0"]),
  part: GroupPart,
});
export type GroupFrame = z.infer<typeof GroupFrame>;

/** Pool to worker: the group is over; whatever served it is ended. */
export const UngroupFrame = z.strictObject({ type: z.literal("ungroup"), group: z.uuid(), reason: Reason });

/** Pool to a node: its head has opened a connection; the node opens its own end of it. */
export const DialFrame = z.strictObject({ type: z.literal("dial"), group: z.uuid(), connection: z.uuid() });
