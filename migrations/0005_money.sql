CREATE TYPE "public"."paid_with" AS ENUM('free', 'stars', 'coin', 'house');--> statement-breakpoint
CREATE TABLE "bill_jobs" (
	"job" uuid PRIMARY KEY NOT NULL,
	"bill" uuid NOT NULL,
	"purpose" text NOT NULL,
	"end" text NOT NULL,
	"prompt_tokens" integer NOT NULL,
	"cached_tokens" integer NOT NULL,
	"answer_tokens" integer NOT NULL,
	"estimated" boolean NOT NULL,
	"amount" bigint NOT NULL,
	"shares" jsonb NOT NULL,
	"elapsed_ms" integer NOT NULL,
	"captured" boolean NOT NULL,
	"ended_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "bill_jobs_amount" CHECK (amount >= 0)
);
--> statement-breakpoint
CREATE TABLE "bills" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"person" uuid,
	"api_key" uuid,
	"paid_with" "paid_with" NOT NULL,
	"model" text NOT NULL,
	"price" jsonb NOT NULL,
	"budget" bigint NOT NULL,
	"bound" text,
	"day" date NOT NULL,
	"opened_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"amount" bigint DEFAULT 0 NOT NULL,
	"receipt" text,
	"receipt_key" text,
	"signature" text,
	CONSTRAINT "bills_budget" CHECK (budget >= 0 and amount between 0 and budget),
	CONSTRAINT "bills_closed_have_receipts" CHECK ((closed_at is null) = (receipt is null))
);
--> statement-breakpoint
CREATE TABLE "free_answers" (
	"person" uuid NOT NULL,
	"day" date NOT NULL,
	"used" integer NOT NULL,
	"allowed" integer NOT NULL,
	CONSTRAINT "free_answers_person_day_pk" PRIMARY KEY("person","day"),
	CONSTRAINT "free_answers_allowed" CHECK (used between 0 and allowed)
);
--> statement-breakpoint
CREATE TABLE "free_budgets" (
	"day" date PRIMARY KEY NOT NULL,
	"cap" bigint NOT NULL,
	"used" bigint NOT NULL,
	CONSTRAINT "free_budgets_cap" CHECK (used between 0 and cap)
);
--> statement-breakpoint
CREATE TABLE "money_settings" (
	"name" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "operator_acts" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"who" text NOT NULL,
	"why" text NOT NULL,
	"verb" text NOT NULL,
	"params" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "rates" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"micro_usd_per_coin" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"sources" jsonb NOT NULL,
	"stopped" text,
	"confirmed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "receipt_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"public_key" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"replace_asked_at" timestamp (3) with time zone,
	"retired_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "spending_caps" (
	"owner" text PRIMARY KEY NOT NULL,
	"answer" bigint,
	"day" bigint,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "spending_caps_positive" CHECK (coalesce(answer, 1) > 0 and coalesce(day, 1) > 0)
);
--> statement-breakpoint
CREATE TABLE "star_charges" (
	"charge" text NOT NULL,
	"direction" text NOT NULL,
	"person" uuid,
	"telegram_id" bigint NOT NULL,
	"stars" integer NOT NULL,
	"credits" bigint NOT NULL,
	"order_id" uuid,
	"subscription" boolean DEFAULT false NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"stored_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "star_charges_charge_direction_pk" PRIMARY KEY("charge","direction")
);
--> statement-breakpoint
CREATE TABLE "star_orders" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"person" uuid NOT NULL,
	"telegram_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"stars" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"charge" text,
	CONSTRAINT "star_orders_stars" CHECK (stars > 0)
);
--> statement-breakpoint
CREATE TABLE "star_statement" (
	"one" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"read" integer NOT NULL,
	CONSTRAINT "star_statement_one" CHECK (one = 1)
);
--> statement-breakpoint
CREATE TABLE "star_subscriptions" (
	"person" uuid PRIMARY KEY NOT NULL,
	"telegram_id" bigint NOT NULL,
	"first_charge" text NOT NULL,
	"stars" integer NOT NULL,
	"state" text NOT NULL,
	"paid_until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "worker_bindings" (
	"worker" text PRIMARY KEY NOT NULL,
	"person" uuid,
	"stake" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD COLUMN "owner" uuid;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "is_false" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "bill" uuid;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "bill" uuid;--> statement-breakpoint
ALTER TABLE "bill_jobs" ADD CONSTRAINT "bill_jobs_bill_bills_id_fk" FOREIGN KEY ("bill") REFERENCES "public"."bills"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bill_jobs_bill" ON "bill_jobs" USING btree ("bill");--> statement-breakpoint
CREATE INDEX "bills_person" ON "bills" USING btree ("person","opened_at");--> statement-breakpoint
CREATE INDEX "bills_key" ON "bills" USING btree ("api_key","day");--> statement-breakpoint
CREATE INDEX "bills_day" ON "bills" USING brin ("day");--> statement-breakpoint
CREATE INDEX "bills_open" ON "bills" USING btree ("opened_at") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "star_charges_person" ON "star_charges" USING btree ("person","at");--> statement-breakpoint
CREATE INDEX "star_orders_person" ON "star_orders" USING btree ("person","created_at");--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_owner_people_id_fk" FOREIGN KEY ("owner") REFERENCES "public"."people"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_owner" ON "api_keys" USING btree ("owner");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_bill" ON "runs" USING btree (coalesce(bill, id));--> statement-breakpoint
CREATE INDEX "ledger_postings_moved_from" ON "ledger_postings" USING btree ("debit","at") WHERE hold is null;--> statement-breakpoint
CREATE INDEX "ledger_postings_moved_to" ON "ledger_postings" USING btree ("credit","at") WHERE hold is null;--> statement-breakpoint
CREATE FUNCTION "operator_acts_are_kept"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'acts are append-only: a correction is another act' USING ERRCODE = 'restrict_violation';
END $$;--> statement-breakpoint
CREATE TRIGGER "operator_acts_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "operator_acts" FOR EACH STATEMENT EXECUTE FUNCTION "operator_acts_are_kept"();
