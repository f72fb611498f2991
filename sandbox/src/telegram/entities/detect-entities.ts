/** Detects the entities Telegram finds in plain text: commands, mentions, hashtags, links, mail addresses. */
import type { MessageEntity } from "@grammyjs/types";

const FINDERS = [
  { type: "bot_command", pattern: /(?<![\w/])\/[A-Za-z0-9_]{1,64}(?:@\w{3,32})?(?!\w)/g },
  { type: "mention", pattern: /(?<![\w@])@[A-Za-z]\w{2,31}/g },
  { type: "hashtag", pattern: /(?<![\w#])#[\p{L}_][\p{L}\d_]*/gu },
  { type: "email", pattern: /(?<![\w.+-])[\w.+-]+@[\w-]+\.[A-Za-z]{2,}(?!\w)/g },
  { type: "url", pattern: /(?<!\w)https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/g },
] as const;

/** Adds detected entities to the given ones, sorted by offset; detected ones overlap no others. */
export function detectEntities({
  text,
  entities,
}: {
  text: string;
  entities: readonly MessageEntity[];
}): MessageEntity[] {
  const taken = [...entities];
  const found: MessageEntity[] = [];
  for (const { type, pattern } of FINDERS) {
    for (const match of text.matchAll(pattern)) {
      const entity: MessageEntity = { type, offset: match.index, length: match[0].length };
      if (taken.some((other) => overlaps(other, entity) && !holdsText(other))) continue;
      taken.push(entity);
      found.push(entity);
    }
  }
  return found.sort((a, b) => a.offset - b.offset);
}

/** Whether a link may be inside this entity: in bold or a quotation, but not in code or another link. */
function holdsText(entity: MessageEntity): boolean {
  return ["bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote"].includes(
    entity.type,
  );
}

function overlaps(a: MessageEntity, b: MessageEntity): boolean {
  return a.offset < b.offset + b.length && b.offset < a.offset + a.length;
}
