CREATE TABLE "appeals" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"person" uuid NOT NULL,
	"worker" text,
	"words" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"answered_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "contributor_stakes" (
	"wallet" text PRIMARY KEY NOT NULL,
	"account" text NOT NULL,
	"stake" bigint DEFAULT 0 NOT NULL,
	"unbonding" bigint DEFAULT 0 NOT NULL,
	"unbond_at" timestamp (3) with time zone,
	"claimed" bigint DEFAULT 0 NOT NULL,
	"disputed" bigint DEFAULT 0 NOT NULL,
	"disputed_until" timestamp (3) with time zone,
	"seen_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "credit_notes" (
	"worker" text NOT NULL,
	"asset" "ledger_asset" NOT NULL,
	"number" integer NOT NULL,
	"job" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"total" bigint NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "credit_notes_worker_asset_number_pk" PRIMARY KEY("worker","asset","number"),
	CONSTRAINT "credit_notes_amount" CHECK (amount > 0)
);
--> statement-breakpoint
CREATE TABLE "credit_totals" (
	"worker" text NOT NULL,
	"asset" "ledger_asset" NOT NULL,
	"notes" integer DEFAULT 0 NOT NULL,
	"total" bigint DEFAULT 0 NOT NULL,
	"first_epoch" integer NOT NULL,
	CONSTRAINT "credit_totals_worker_asset_pk" PRIMARY KEY("worker","asset")
);
--> statement-breakpoint
CREATE TABLE "epoch_files" (
	"epoch" integer NOT NULL,
	"part" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "epoch_files_epoch_part_pk" PRIMARY KEY("epoch","part")
);
--> statement-breakpoint
CREATE TABLE "epoch_leaves" (
	"wallet" text PRIMARY KEY NOT NULL,
	"cumulative" bigint NOT NULL,
	"epoch" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "epoch_lines" (
	"epoch" integer NOT NULL,
	"worker" text NOT NULL,
	"wallet" text,
	"earned" bigint NOT NULL,
	"availability" bigint DEFAULT 0 NOT NULL,
	"released" bigint NOT NULL,
	"held" bigint NOT NULL,
	CONSTRAINT "epoch_lines_epoch_worker_pk" PRIMARY KEY("epoch","worker")
);
--> statement-breakpoint
CREATE TABLE "epochs" (
	"number" integer PRIMARY KEY NOT NULL,
	"chain_epoch" integer NOT NULL,
	"state" text DEFAULT 'closed' NOT NULL,
	"closed_at" timestamp (3) with time zone NOT NULL,
	"recorded_at" timestamp (3) with time zone NOT NULL,
	"upto" bigint NOT NULL,
	"root" "bytea",
	"data_hash" "bytea",
	"leaves" integer NOT NULL,
	"total" bigint NOT NULL,
	"availability" bigint DEFAULT 0 NOT NULL,
	"proposed_at" timestamp (3) with time zone,
	"active_at" timestamp (3) with time zone,
	"why" text
);
--> statement-breakpoint
CREATE TABLE "pairing_codes" (
	"hash" text PRIMARY KEY NOT NULL,
	"worker" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "slash_proposals" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"wallet" text NOT NULL,
	"amount" bigint NOT NULL,
	"reason" text NOT NULL,
	"evidence" text NOT NULL,
	"state" text DEFAULT 'proposed' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"shown_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "worker_hours" (
	"worker" text NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"online_s" integer DEFAULT 0 NOT NULL,
	"jobs" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"tokens" bigint DEFAULT 0 NOT NULL,
	"tokens_per_s" numeric,
	"earned" bigint DEFAULT 0 NOT NULL,
	"skipped" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"temperature_c" integer,
	CONSTRAINT "worker_hours_worker_hour_pk" PRIMARY KEY("worker","hour")
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "took_ms" integer;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "level_ms" integer;--> statement-breakpoint
ALTER TABLE "workers" ADD COLUMN "good" double precision;--> statement-breakpoint
ALTER TABLE "workers" ADD COLUMN "bad" double precision;--> statement-breakpoint
ALTER TABLE "workers" ADD COLUMN "weighed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "worker_bindings" ADD COLUMN "paired_at" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
CREATE INDEX "appeals_person" ON "appeals" USING btree ("person","created_at");--> statement-breakpoint
CREATE INDEX "contributor_stakes_seen" ON "contributor_stakes" USING btree ("seen_at");--> statement-breakpoint
CREATE UNIQUE INDEX "credit_notes_job" ON "credit_notes" USING btree ("worker","asset","job");--> statement-breakpoint
CREATE INDEX "credit_notes_at" ON "credit_notes" USING btree ("at");--> statement-breakpoint
CREATE INDEX "epoch_lines_wallet" ON "epoch_lines" USING btree ("wallet","epoch");--> statement-breakpoint
CREATE INDEX "epoch_lines_worker" ON "epoch_lines" USING btree ("worker","epoch");--> statement-breakpoint
CREATE UNIQUE INDEX "epochs_one_on_its_way" ON "epochs" USING btree ((1)) WHERE state in ('closed', 'proposed');--> statement-breakpoint
CREATE INDEX "pairing_codes_worker" ON "pairing_codes" USING btree ("worker","expires_at");--> statement-breakpoint
CREATE INDEX "worker_hours_hour" ON "worker_hours" USING btree ("hour");--> statement-breakpoint
CREATE INDEX "worker_bindings_person" ON "worker_bindings" USING btree ("person");--> statement-breakpoint
ALTER TABLE "worker_bindings" DROP COLUMN "stake";--> statement-breakpoint
-- What workers earned before there were notes is the first note of each, so that their notes add up to their pay. They
-- are known from before there were epochs: their pay does not wait as a new machine's does. The note is of yesterday, so
-- that no hour that is looked at shows it as earned in it.
WITH open_holds AS (
  SELECT id FROM ledger_holds WHERE closed_at IS NULL
), sides AS (
  -- What answers under way gave may still go back, and is noted at their end; what was paid out was earned.
  SELECT credit AS account, -amount AS amount FROM ledger_postings WHERE hold IN (SELECT id FROM open_holds)
  UNION ALL
  SELECT debit, amount FROM ledger_postings WHERE hold IS NULL OR hold IN (SELECT id FROM open_holds)
), more AS (
  SELECT account, sum(amount) AS amount FROM sides GROUP BY account
), earned AS (
  SELECT substr(a.owner, 8) AS worker, a.asset, a.balance + coalesce(m.amount, 0) AS amount
  FROM ledger_accounts a LEFT JOIN more m ON m.account = a.id
  WHERE a.kind = 'earner' AND a.owner LIKE 'worker:%'
), totals AS (
  INSERT INTO credit_totals (worker, asset, notes, total, first_epoch)
  SELECT worker, asset, 1, amount, -1 FROM earned WHERE amount > 0 RETURNING worker, asset, total
)
INSERT INTO credit_notes (worker, asset, number, job, amount, total, at)
SELECT worker, asset, 1, gen_random_uuid(), total, total, now() - interval '1 day' FROM totals;
