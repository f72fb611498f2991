import { expect, test } from "vitest";
import { rpcArguments, RpcWatch } from "./rpc-devices.ts";

const two = { endpoints: ["127.0.0.1:5001", "127.0.0.1:5002"], layers: [10, 12, 8] };

/** What follows a flag. */
const valueOf = (args: readonly string[], flag: string) => args[args.indexOf(flag) + 1];

test("each layer server gets its layers, the output counts behind the last, and the rest is the head's", () => {
  const args = rpcArguments(two);
  expect(valueOf(args, "--rpc")).toBe("127.0.0.1:5001,127.0.0.1:5002");
  expect(valueOf(args, "--device")).toBe("RPC0,RPC1");
  expect(valueOf(args, "--tensor-split")).toBe("12,9");
  expect(valueOf(args, "--gpu-layers")).toBe("21");
});

test("the output stays on the head, also where it is the model's embeddings, and no layer does", () => {
  const [pattern = "", device] = valueOf(rpcArguments(two), "--override-tensor")?.split("=") ?? [];
  expect(device).toBe("CPU");
  const stays = (name: string) => new RegExp(pattern).test(name);
  expect(["output.weight", "token_embd.weight"].filter(stays)).toHaveLength(2);
  expect(["blk.0.attn_output.weight", "blk.29.ffn_down.weight", "output_norm.weight"].filter(stays)).toEqual([]);
});

test("layers that no server is named for are refused", () => {
  expect(() => rpcArguments({ ...two, layers: [10, 20] })).toThrow("each layer server has its number of layers");
});

test("a head that names fewer devices than its group has, or could not connect to one, is not up", () => {
  const watch = new RpcWatch(two);
  watch.hear("load: using device RPC0 (127.0.0.1:5001)\n");
  expect(watch.fault(false)).toBeNull();
  expect(watch.fault(true)).toContain("1 of the group's 2");
  watch.hear("load: using device RPC1 (127.0.0.1:5002)\n");
  expect(watch.fault(true)).toBeNull();
  watch.hear("Failed to connect to 127.0.0.1:5002");
  expect(watch.fault(true)).toContain("Failed to connect to 127.0.0.1:5002");
});
