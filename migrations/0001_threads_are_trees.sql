CREATE TABLE "pool_minutes" (
	"minute" timestamp (3) with time zone PRIMARY KEY NOT NULL,
	"workers" integer NOT NULL,
	"tokens" integer NOT NULL,
	"answers" integer NOT NULL,
	"queued" integer NOT NULL,
	"load" real NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"person_id" uuid,
	"init_data_hash" text NOT NULL,
	"device_hash" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"revoked_at" timestamp (3) with time zone,
	CONSTRAINT "sessions_init_data_hash_unique" UNIQUE("init_data_hash")
);
--> statement-breakpoint
ALTER TABLE "runs" DROP CONSTRAINT "runs_message_id_unique";
--> statement-breakpoint
DROP INDEX "threads_open_chat";
--> statement-breakpoint
DROP INDEX "runs_running";
--> statement-breakpoint
DROP INDEX "threads_person";
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "parent_id" uuid;
--> statement-breakpoint
ALTER TABLE "people" ADD COLUMN "chosen_language" text;
--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "mirrored" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
ALTER TABLE "threads" ADD COLUMN "current" boolean DEFAULT true NOT NULL;
--> statement-breakpoint
ALTER TABLE "threads" ADD COLUMN "model" text;
--> statement-breakpoint
ALTER TABLE "threads" ADD COLUMN "persona" text;
--> statement-breakpoint
ALTER TABLE "threads" ADD COLUMN "instructions" text DEFAULT '' NOT NULL;
--> statement-breakpoint
ALTER TABLE "threads" ADD COLUMN "head_id" uuid;
--> statement-breakpoint
ALTER TABLE "threads" ADD COLUMN "updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL;
--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "answer_id" uuid;
--> statement-breakpoint
-- Every run gets the message it writes: the one it wrote, otherwise an empty one in the order of the questions.
INSERT INTO "messages" ("thread_id", "role", "text", "run_id", "created_at")
SELECT r."thread_id", 'assistant', '', r."id", r."created_at" FROM "runs" r JOIN "messages" q ON q."id" = r."message_id"
WHERE NOT EXISTS (SELECT 1 FROM "messages" a WHERE a."run_id" = r."id") ORDER BY q."seq";
--> statement-breakpoint
UPDATE "runs" SET "answer_id" = a."id" FROM "messages" a WHERE a."run_id" = "runs"."id";
--> statement-breakpoint
ALTER TABLE "runs" ALTER COLUMN "answer_id" SET NOT NULL;
--> statement-breakpoint
-- What was a line becomes a tree of one branch: question, its answer, next question.
UPDATE "messages" SET "parent_id" = o."before" FROM (
	SELECT m."id", lag(m."id") OVER (PARTITION BY m."thread_id" ORDER BY coalesce(q."seq", m."seq"), m."seq") AS "before"
	FROM "messages" m LEFT JOIN "runs" r ON r."id" = m."run_id" LEFT JOIN "messages" q ON q."id" = r."message_id"
) o WHERE o."id" = "messages"."id";
--> statement-breakpoint
CREATE INDEX "messages_parent" ON "messages" USING btree ("parent_id");
--> statement-breakpoint
UPDATE "threads" SET
	"current" = "closed_at" IS NULL,
	"head_id" = (SELECT m."id" FROM "messages" m WHERE m."thread_id" = "threads"."id"
		AND NOT EXISTS (SELECT 1 FROM "messages" c WHERE c."parent_id" = m."id") ORDER BY m."seq" DESC LIMIT 1),
	"updated_at" = coalesce((SELECT max(m."created_at") FROM "messages" m WHERE m."thread_id" = "threads"."id"), "created_at");
--> statement-breakpoint
ALTER TABLE "messages" DROP COLUMN "run_id";
--> statement-breakpoint
ALTER TABLE "threads" DROP COLUMN "closed_at";
--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE set null ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "sessions_person" ON "sessions" USING btree ("person_id");
--> statement-breakpoint
CREATE INDEX "sessions_expires" ON "sessions" USING btree ("expires_at");
--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_parent_id_messages_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."messages"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_answer_id_messages_id_fk" FOREIGN KEY ("answer_id") REFERENCES "public"."messages"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "jobs_owner" ON "jobs" USING btree ("owner");
--> statement-breakpoint
CREATE INDEX "messages_search" ON "messages" USING gin ((to_tsvector('russian', text) || to_tsvector('simple', text)));
--> statement-breakpoint
CREATE INDEX "runs_message" ON "runs" USING btree ("message_id");
--> statement-breakpoint
CREATE INDEX "runs_mirrored" ON "runs" USING btree ("created_at") WHERE mirrored;
--> statement-breakpoint
CREATE UNIQUE INDEX "threads_current_chat" ON "threads" USING btree ("chat") WHERE current;
--> statement-breakpoint
CREATE INDEX "runs_running" ON "runs" USING btree ("thread_id") WHERE status = 'running';
--> statement-breakpoint
CREATE INDEX "threads_person" ON "threads" USING btree ("person_id","updated_at","id");
--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_answer_id_unique" UNIQUE("answer_id");
