CREATE TABLE "past_owners" (
	"worker" text NOT NULL,
	"wallet" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"until" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "past_owners_worker_wallet_since_pk" PRIMARY KEY("worker","wallet","since")
);
--> statement-breakpoint
DROP INDEX "epochs_one_on_its_way";--> statement-breakpoint
ALTER TABLE "workers" ADD COLUMN "said_goodbye_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "epoch_lines" ADD COLUMN "forfeited" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "epoch_lines" ADD COLUMN "to_move" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "epochs" ADD COLUMN "for_chain" boolean DEFAULT true NOT NULL;--> statement-breakpoint
UPDATE "epochs" SET "for_chain" = false WHERE "root" IS NULL AND "state" = 'active';--> statement-breakpoint
CREATE INDEX "past_owners_wallet" ON "past_owners" USING btree ("wallet");--> statement-breakpoint
CREATE INDEX "past_owners_until" ON "past_owners" USING btree ("until");--> statement-breakpoint
CREATE INDEX "epoch_lines_to_move" ON "epoch_lines" USING btree ("epoch","worker") WHERE to_move;--> statement-breakpoint
CREATE UNIQUE INDEX "epochs_one_on_its_way" ON "epochs" USING btree ((1)) WHERE state in ('closing', 'closed', 'proposed');