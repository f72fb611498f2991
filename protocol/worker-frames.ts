/**
 * The frames between a worker and the pool over the worker's one outbound WebSocket.
 *
 * The order of a connection: worker `hello` → pool `challenge` → worker `proof` → worker `ready` → pool `welcome`,
 * then heartbeats one way and leases the other. Every frame is one JSON text message. A frame that does not
 * parse ends the connection with close code 1002 and a reason the worker logs; an unknown field is refused too, so
 * that a typo cannot pass for a feature.
 */
import { z } from "zod";
import { AskPercent } from "./ask-percent.ts";
import { Turn } from "./template.ts";
import { Sha256, WorkerKey, hex } from "./worker-key.ts";
import { NOTES_PER_FRAME_MAX, SignedNote } from "./credit-note.ts";
import { DialFrame, DirectAddress, GROUP_NODES_MAX, GroupFrame, SplitOffer, UngroupFrame } from "./split.ts";

/** The major number changes when an old peer would misunderstand; minors only add. */
export const PROTOCOL = { major: 1, minor: 2 } as const;

/** Path of the pool's WebSocket on the server's one HTTP port. */
export const POOL_PATH = "/pool";

/** A worker's frame is at most this long; the `ws` default of 100 MiB would let one stranger fill the memory. */
export const WORKER_FRAME_BYTES_MAX = 256 * 1024;
/** A lease carries a whole conversation and its grammar. */
export const POOL_FRAME_BYTES_MAX = 2 * 1024 * 1024;
export const HELLO_TIMEOUT_MS = 5_000;
export const HEARTBEAT_MS = 2_000;
/** 6 s without a sign of life: three heartbeats, so one lost packet does not evict a machine. */
export const HEARTBEATS_MISSED_MAX = 3;
/** Tokens in one frame; the worker coalesces what its engine gives within a few milliseconds. */
export const TOKENS_PER_FRAME_MAX = 64;
export const MODELS_PER_WORKER_MAX = 32;

/** Close codes of the pool's socket beyond the standard's. */
export const CLOSE = {
  drain: 1012,
  /** There is no room for this machine now; it may come back in a moment. */
  full: 1013,
  badFrame: 1002,
  /** Sent by a worker that reconnects at once with other models; its leases go on. */
  rejoin: 4205,
  unauthorised: 4401,
  banned: 4403,
  silent: 4408,
  replaced: 4409,
  upgradeNeeded: 4426,
} as const;

/** A close frame has room for this much; `ws` throws on a longer reason. */
const CLOSE_REASON_BYTES_MAX = 123;

/** The beginning of a text that fits into a close frame: whole characters, however long the text is. */
export function closeReason(text: string): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(CLOSE_REASON_BYTES_MAX)).read);
}

const Fence = z.int().positive();
const Seq = z.int().nonnegative();
const ModelId = z.string().min(1).max(120);
const Reason = z.string().max(500);

/** How an engine constrains its output. `json_schema` engines are given the schema, `gbnf` engines our grammar text. */
export const ConstraintSupport = z.enum(["gbnf", "json_schema", "none"]);

export const ServedModel = z.strictObject({
  id: ModelId,
  sha256: Sha256,
  engine: z.string().max(60).describe("driver and version, e.g. llama.cpp/node-llama-cpp 3.21.1"),
  /** Tokens of prompt and answer together that one job may use. */
  contextTokens: z.int().positive(),
  kvType: z.enum(["f16", "q8_0", "q4_0", "unknown"]),
  constraint: ConstraintSupport,
  /** Whether frames carry token ids. Without them the server marks usage as estimated. */
  tokenIds: z.boolean(),
  /** Jobs this model runs at once on this worker. */
  slots: z.int().positive().max(256),
  /** As the worker measured itself: a hint until the pool has measured. */
  prefillTokensPerS: z.number().positive(),
  decodeTokensPerS: z.number().positive(),
});
export type ServedModel = z.infer<typeof ServedModel>;

export const Device = z.strictObject({
  name: z.string().max(120),
  kind: z.enum(["cpu", "cuda", "metal", "vulkan", "remote"]),
  memoryBytes: z.int().nonnegative(),
});
export type Device = z.infer<typeof Device>;

/** What the worker already streamed of a lease before its connection broke. */
const Holding = z.strictObject({ job: z.uuid(), fence: Fence, nextSeq: Seq });

export const FinishReason = z.enum(["stop", "length"]);
export type FinishReason = z.infer<typeof FinishReason>;

/** Why a worker could not finish a lease. The job moves; only what the server itself checked can end one. */
export const FailureCode = z.enum([
  "engine_crashed",
  "engine_stalled",
  "out_of_memory",
  "context_overflow",
  "constraint_refused",
  "model_missing",
  "busy",
  "shutting_down",
]);
export type FailureCode = z.infer<typeof FailureCode>;

export const WorkerFrame = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("hello"),
    protocol: z.object({ major: z.int(), minor: z.int() }),
    key: WorkerKey,
  }),
  z.strictObject({ type: z.literal("proof"), signature: hex(64) }),
  z.strictObject({
    type: z.literal("ready"),
    name: z.string().max(60),
    version: z.string().max(40),
    devices: z.array(Device).max(32),
    models: z.array(ServedModel).max(MODELS_PER_WORKER_MAX),
    holding: z.array(Holding).max(256),
    /** Its price, in percent of the list's; absent: 100. */
    askPercent: AskPercent.optional(),
    /** The last credit note it has of each asset; absent: it keeps none, and is sent none. */
    notes: z.strictObject({ coin: z.int().nonnegative(), stars: z.int().nonnegative() }).optional(),
    /** What it offers to groups; absent: nothing. */
    split: SplitOffer.optional(),
    /** A code by which it becomes its owner's at once: one they made for their machines. */
    ownerCode: z.string().max(120).optional(),
  }),
  z.strictObject({
    type: z.literal("heartbeat"),
    running: z.int().nonnegative(),
    freeMemoryBytes: z.int().nonnegative(),
    /** The hottest part that can be read. */
    temperatureC: z.int().min(-50).max(200).optional(),
  }),
  /** How its part of a group stands. */
  z.strictObject({
    type: z.literal("group"),
    group: z.uuid(),
    stage: z.discriminatedUnion("kind", [
      /** Fetching the file, or loading: the share that is done. */
      z.strictObject({ kind: z.literal("preparing"), done: z.number().min(0).max(1), words: Reason }),
      /** A node: its layer server waits for the head. */
      z.strictObject({ kind: z.literal("ready"), direct: DirectAddress.nullable() }),
      /** A head: every node answers, and the group serves this. */
      z.strictObject({ kind: z.literal("up"), served: ServedModel }),
      /** Its part is over. `lost`: the places of nodes that a head blames. */
      z.strictObject({
        kind: z.literal("ended"),
        reason: Reason,
        lost: z.array(z.int().nonnegative()).max(GROUP_NODES_MAX),
      }),
    ]),
  }),
  /** Its owner wants a code to pair it by. */
  z.strictObject({ type: z.literal("pair") }),
  /** Its owner wants it to be nobody's again. */
  z.strictObject({ type: z.literal("unpair") }),
  /** Sign of life while a long prompt is read: the share of it that the engine holds. Only what rises counts as one. */
  z.strictObject({ type: z.literal("progress"), job: z.uuid(), fence: Fence, done: z.number().min(0).max(1) }),
  z.strictObject({
    type: z.literal("tokens"),
    job: z.uuid(),
    fence: Fence,
    /** Counts the frames of one lease from 0; a gap or a repeat ends the lease. */
    seq: Seq,
    /** They end on a whole character, without control tokens. `null` where the engine gives no ids and declared so. */
    tokens: z.array(z.int().nonnegative()).max(TOKENS_PER_FRAME_MAX).nullable(),
    text: z.string().max(16_384),
  }),
  z.strictObject({
    type: z.literal("done"),
    job: z.uuid(),
    fence: Fence,
    seq: Seq,
    reason: FinishReason,
    /** What it wrote of this lease, as commitment.ts says; absent: an older worker, or an engine without ids. */
    commitment: Sha256.optional(),
  }),
  z.strictObject({ type: z.literal("fail"), job: z.uuid(), fence: Fence, code: FailureCode, message: Reason }),
]);
export type WorkerFrame = z.infer<typeof WorkerFrame>;

export const Sampling = z.strictObject({
  /** 0 is greedy. */
  temperature: z.number().min(0).max(2),
  topP: z.number().gt(0).max(1),
  seed: z.int().nonnegative().max(0xffff_ffff),
});
export type Sampling = z.infer<typeof Sampling>;

/** The form an answer must have, in both languages engines understand. */
export const Constraint = z.strictObject({
  gbnf: z.string().max(512 * 1024),
  jsonSchema: z.record(z.string(), z.unknown()),
});
export type Constraint = z.infer<typeof Constraint>;

export const Lease = z.strictObject({
  type: z.literal("lease"),
  job: z.uuid(),
  fence: Fence,
  model: ModelId,
  turns: z.array(Turn).min(1).max(1_000),
  /** What earlier attempts already delivered: the engine continues after it and never repeats it. */
  committed: z.strictObject({ text: z.string(), tokens: z.array(z.int().nonnegative()).nullable() }),
  constraint: Constraint.nullable(),
  sampling: Sampling,
  /** Tokens still to be generated at most. */
  maxTokens: z.int().positive(),
  /** Jobs with the same key share a prompt prefix worth keeping warm (the run's id). */
  cacheKey: z.string().max(120),
});
export type Lease = z.infer<typeof Lease>;

/** Whose machine it is, and what it gets for its work; sent after the welcome and whenever it changes. */
export const WorkerStanding = z.strictObject({
  /** Null: it is nobody's, and its pay waits. */
  owner: z.strictObject({ name: z.string(), wallet: z.string().nullable() }).nullable(),
  /** Of the stake, the part behind this machine, nano units as decimal text. */
  stake: z.string(),
  isPaid: z.boolean(),
  /** Its pay waits until this epoch is closed; null: it does not. */
  heldUntilEpoch: z.int().nullable(),
});
export type WorkerStanding = z.infer<typeof WorkerStanding>;

export const PoolFrame = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("challenge"),
    nonce: hex(32),
    serverId: z.string().max(120),
    expiresAt: z.iso.datetime(),
  }),
  z.strictObject({
    type: z.literal("welcome"),
    heartbeatMs: z.int().min(100).max(60_000),
    /** Leases that the worker may continue, of those it reported as held. All others are void. */
    resume: z.array(z.strictObject({ job: z.uuid(), fence: Fence, fromSeq: Seq })),
  }),
  Lease,
  z.strictObject({ type: z.literal("cancel"), job: z.uuid(), fence: Fence }),
  /** Everything below `seq` is stored; the worker may forget it. */
  z.strictObject({ type: z.literal("stored"), job: z.uuid(), fence: Fence, seq: Seq }),
  /** A prefix many jobs will share: read it while idle so that the first person does not wait for it. */
  z.strictObject({ type: z.literal("warm"), model: ModelId, turns: z.array(Turn).min(1).max(100) }),
  /** A frame was dropped; the reason is for the worker's log. */
  z.strictObject({
    type: z.literal("dropped"),
    job: z.uuid().nullable(),
    fence: Fence.nullable(),
    reason: Reason,
  }),
  z.strictObject({ type: z.literal("drain"), reason: Reason }),
  /** Only to workers that speak of notes in their `ready`, as the rest do not know these. */
  z.strictObject({
    type: z.literal("pairing"),
    code: z.string(),
    link: z.url().nullable(),
    expiresAt: z.iso.datetime(),
  }),
  z.strictObject({ type: z.literal("standing"), standing: WorkerStanding }),
  z.strictObject({ type: z.literal("credits"), notes: z.array(SignedNote).min(1).max(NOTES_PER_FRAME_MAX) }),
  /** Only to workers that offer something to groups. */
  GroupFrame,
  UngroupFrame,
  DialFrame,
]);
export type PoolFrame = z.infer<typeof PoolFrame>;

/** What an Ed25519 worker key signs to prove itself: domain-separated, bound to this server and this nonce. */
export function proofTranscript(input: { serverId: string; nonce: string; key: string }): string {
  return ["starai/worker-proof/v1", input.serverId, input.nonce, input.key].join("\n");
}

/**
 * What the same key signs to open its end of a tunnel. A secret of a group without the key of its head or node opens
 * nothing, and a signature opens one connection once.
 */
export function tunnelTranscript(input: { secret: string; connection: string; side: "head" | "node" }): string {
  return ["starai/tunnel/v1", input.secret, input.connection, input.side].join("\n");
}
