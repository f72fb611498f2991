/** A person's profile, settings and available choices, and the change feed of their open windows. */
import { Hono } from "hono";
import { z } from "zod";
import { ABOUT_CHARS_MAX, PERSONAS } from "@starai/protocol/personas";
import { LANGUAGES } from "@starai/protocol/texts";
import type { AppContext } from "../context.ts";
import { chooseMyLanguage, chooseMyModel, readProfile, tellAboutMe } from "../threads/profile.ts";
import { deletePerson } from "../threads/delete-person.ts";
import { hintStream } from "./event-stream.ts";
import { parsed } from "./parse.ts";
import { ShortText } from "./threads.ts";
import { openUnderSession, requireSession } from "./require-session.ts";

const Model = z.strictObject({ model: z.string().min(1).max(120).nullable() });
const Language = z.strictObject({ language: z.enum(LANGUAGES).nullable() });
const About = z.strictObject({ text: ShortText(ABOUT_CHARS_MAX), persona: z.enum(PERSONAS).nullable() });

/** `give_up`: also what they still have of money and keys. */
export const WithMoney = z.object({ money: z.literal("give_up").optional() });

export function myProfileRoutes(ctx: AppContext) {
  const mine = requireSession(ctx);
  return new Hono()
    .get("/api/my/profile", mine, async (c) => {
      const profile = await readProfile(ctx, c.get("session").person);
      return c.json(profile, 200);
    })
    .put("/api/my/model", mine, parsed("json", Model), async (c) => {
      const profile = await chooseMyModel(ctx, c.get("session").person, c.req.valid("json").model);
      return c.json(profile, 200);
    })
    .put("/api/my/language", mine, parsed("json", Language), async (c) => {
      const profile = await chooseMyLanguage(ctx, c.get("session").person, c.req.valid("json").language);
      return c.json(profile, 200);
    })
    .put("/api/my/about", mine, parsed("json", About), async (c) => {
      const profile = await tellAboutMe(ctx, c.get("session").person, c.req.valid("json"));
      return c.json(profile, 200);
    })
    .delete("/api/my/data", mine, parsed("query", WithMoney), async (c) => {
      await deletePerson(ctx, c.get("session").person, { givesUp: c.req.valid("query").money === "give_up" });
      return c.body(null, 204);
    })
    .get("/api/my/changes", mine, async (c) => {
      const stream = await openUnderSession(ctx, c);
      return hintStream(c, ctx.changes.follow(`person:${c.get("session").person.id}`), stream);
    });
}
