/** Makes Python wheels for tests: uncompressed zips with the few files that pip requires. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";

export interface TestWheel {
  name: string;
  version: string;
  /** Path inside the wheel, and the file's content. */
  path: string;
  data: Buffer;
}

/** Writes the wheel into `folder`, where `pip --find-links` finds it. */
export async function writeWheel(folder: string, { name, version, path, data }: TestWheel): Promise<void> {
  const distribution = name.replaceAll("-", "_");
  const info = `${distribution}-${version}.dist-info`;
  const files: [string, Buffer][] = [
    [path, data],
    [`${info}/METADATA`, Buffer.from(`Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`)],
    [`${info}/WHEEL`, Buffer.from("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")],
    [`${info}/RECORD`, Buffer.from("")],
  ];
  await writeFile(join(folder, `${distribution}-${version}-py3-none-any.whl`), zipOf(files));
}

/** A zip of stored (uncompressed) files. */
export function zipOf(files: readonly [string, Buffer][]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [name, data] of files) {
    const nameBytes = Buffer.from(name);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt32LE(crc32(data), 10);
    facts.writeUInt32LE(data.length, 14);
    facts.writeUInt32LE(data.length, 18);
    facts.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), facts, nameBytes, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    centrals.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), facts, tail, nameBytes]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, Buffer.from("PK\x05\x06"), end]);
}
