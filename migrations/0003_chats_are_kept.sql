CREATE TABLE "shares" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"thread_id" uuid NOT NULL,
	"head_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "shares_thread_id_unique" UNIQUE("thread_id")
);
--> statement-breakpoint
ALTER TABLE "people" ADD COLUMN "about" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "people" ADD COLUMN "persona" text;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "feedback" text;--> statement-breakpoint
ALTER TABLE "threads" ADD COLUMN "titled_by" text DEFAULT 'question' NOT NULL;--> statement-breakpoint
ALTER TABLE "threads" ADD COLUMN "pinned" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "threads" ADD COLUMN "archived" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "shares" ADD CONSTRAINT "shares_thread_id_threads_id_fk" FOREIGN KEY ("thread_id") REFERENCES "public"."threads"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shares" ADD CONSTRAINT "shares_head_id_messages_id_fk" FOREIGN KEY ("head_id") REFERENCES "public"."messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "shares_head" ON "shares" USING btree ("head_id");--> statement-breakpoint
-- Which of the names that are there were given by hand nobody wrote down; so none of them is changed.
UPDATE "threads" SET "titled_by" = 'person' WHERE "title" <> '';
