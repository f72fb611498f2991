/**
 * Compiles forms of answers in a thread, so the event loop stays free. Owners take turns, results and refusals are
 * cached, and a form that takes too long is refused.
 */
import { createHash } from "node:crypto";
import { Refusal } from "../errors.ts";
import { OwnerLanes } from "../scheduler/owner-lanes.ts";
import { checkFormBudget } from "./answer-form.ts";
import type { FormFacts, FormRequest } from "./answer-form.ts";
import { SchemaThread } from "./ask-schema-thread.ts";
import type { SchemaAnswer } from "./ask-schema-thread.ts";
import type { SchemaQuestion } from "./schema-thread.ts";

/** Higher than a key's limits on requests and running answers together, so a caller within those never reaches it. */
const LANE_MAX = 32;
/** An API caller uses a handful of forms; each holds 256 KB of grammar at most. */
const REMEMBERED_MAX = 64;

export interface AnswerForm extends FormFacts {
  /** Returns why a JSON text does not fit this form, or null if it fits. */
  check(text: string): Promise<string | null>;
}

interface Task {
  question: SchemaQuestion;
  resolve: (answer: SchemaAnswer) => void;
  reject: (fault: unknown) => void;
}

export class AnswerForms {
  readonly #thread: SchemaThread;
  readonly #lanes = new OwnerLanes<Task>(LANE_MAX);
  readonly #remembered = new Map<string, SchemaAnswer>();
  #isWorking = false;

  constructor(thread = new SchemaThread()) {
    this.#thread = thread;
  }

  /** @throws {Refusal} unsupported_schema with the field at fault; queue_full when this owner has too many waiting */
  async read(owner: string, request: FormRequest): Promise<AnswerForm> {
    checkFormBudget(request);
    const form = JSON.stringify(request);
    const answer = this.#known(form) ?? (await this.#ask(owner, { kind: "read", form }));
    if (answer.kind === "refused") throw refusalOf(answer.refusal);
    if (answer.kind === "ended") throw tookTooLong();
    if (answer.kind !== "read") throw broken(answer);
    return { ...answer.facts, check: (text) => this.#check(owner, form, text) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { reject } of this.#lanes.drain()) reject(new Error("the server is closing"));
    await this.#thread[Symbol.asyncDispose]();
  }

  async #check(owner: string, form: string, text: string): Promise<string | null> {
    const answer = await this.#ask(owner, { kind: "check", form, text });
    if (answer.kind === "checked") return answer.fault;
    if (answer.kind === "ended") return "it took too long to check";
    throw broken(answer);
  }

  #ask(owner: string, question: SchemaQuestion): Promise<SchemaAnswer> {
    return new Promise((resolve, reject) => {
      if (!this.#lanes.push(owner, { question, resolve, reject })) return reject(laneFull());
      if (!this.#isWorking) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let task = this.#lanes.next(); task; task = this.#lanes.next()) {
      await this.#answer(task.question).then(task.resolve, task.reject);
    }
    this.#isWorking = false;
  }

  async #answer(question: SchemaQuestion): Promise<SchemaAnswer> {
    if (question.kind === "check") return this.#thread.ask(question);
    // The request before this one may have been for the same form.
    const answer = this.#known(question.form) ?? (await this.#thread.ask(question));
    // A form that ended the thread may succeed on a less busy machine.
    if (answer.kind === "read" || answer.kind === "refused") this.#remember(question.form, answer);
    return answer;
  }

  #known(form: string): SchemaAnswer | undefined {
    return this.#remembered.get(hashOf(form));
  }

  /** Moves the entry to the end: the first of the Map is the least recently used. */
  #remember(form: string, answer: SchemaAnswer): void {
    this.#remembered.delete(hashOf(form));
    this.#remembered.set(hashOf(form), answer);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED_MAX && oldest !== undefined) this.#remembered.delete(oldest);
  }
}

function hashOf(form: string): string {
  return createHash("sha256").update(form).digest("base64");
}

function refusalOf({ code, message, param }: Pick<Refusal, "code" | "message" | "param">): Refusal {
  return new Refusal(code, message, param === undefined ? {} : { param });
}

function tookTooLong(): Refusal {
  const message = "The schemas of this request take too long to read; simplify them, or send fewer tools.";
  return new Refusal("unsupported_schema", message);
}

function laneFull(): Refusal {
  const message = `${LANE_MAX} of your schemas are being read already; send the next when one is answered.`;
  return new Refusal("queue_full", message, { retryAfterS: 5 });
}

function broken(answer: SchemaAnswer): Error {
  return new Error(answer.kind === "failed" ? answer.message : `the schemas' thread answered ${answer.kind}`);
}
