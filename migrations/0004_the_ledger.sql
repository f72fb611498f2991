CREATE TYPE "public"."ledger_asset" AS ENUM('coin', 'stars');--> statement-breakpoint
CREATE TABLE "ledger_accounts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "ledger_accounts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"asset" "ledger_asset" NOT NULL,
	"kind" text NOT NULL,
	"owner" text NOT NULL,
	"signed" boolean NOT NULL,
	"balance" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "ledger_accounts_owner" UNIQUE("asset","kind","owner"),
	CONSTRAINT "ledger_accounts_asset" UNIQUE("id","asset"),
	CONSTRAINT "ledger_accounts_held" CHECK (held >= 0),
	CONSTRAINT "ledger_accounts_covered" CHECK (signed or balance >= held),
	CONSTRAINT "ledger_accounts_bounded" CHECK (abs(balance) < 4000000000000000000)
);
--> statement-breakpoint
CREATE TABLE "ledger_holds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"account" bigint NOT NULL,
	"asset" "ledger_asset" NOT NULL,
	"amount" bigint NOT NULL,
	"used" bigint DEFAULT 0 NOT NULL,
	"params" "bytea" NOT NULL,
	"day" date NOT NULL,
	"cap_owners" jsonb NOT NULL,
	"opened_after" bigint NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "ledger_holds_amount" CHECK (amount > 0),
	CONSTRAINT "ledger_holds_used" CHECK (used between 0 and amount)
);
--> statement-breakpoint
CREATE TABLE "ledger_postings" (
	"key" uuid NOT NULL,
	"leg" smallint NOT NULL,
	"params" "bytea" NOT NULL,
	"asset" "ledger_asset" NOT NULL,
	"debit" bigint NOT NULL,
	"credit" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"kind" text NOT NULL,
	"hold" uuid,
	"reverses" uuid,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "ledger_postings_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ledger_postings_key_leg_pk" PRIMARY KEY("key","leg"),
	CONSTRAINT "ledger_postings_amount" CHECK (amount > 0),
	CONSTRAINT "ledger_postings_two_sides" CHECK (debit <> credit)
);
--> statement-breakpoint
CREATE TABLE "ledger_watermarks" (
	"account" bigint PRIMARY KEY NOT NULL,
	"upto" bigint NOT NULL,
	"balance" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "spend_days" (
	"owner" text NOT NULL,
	"asset" "ledger_asset" NOT NULL,
	"day" date NOT NULL,
	"cap" bigint NOT NULL,
	"spent" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "spend_days_owner_asset_day_pk" PRIMARY KEY("owner","asset","day"),
	CONSTRAINT "spend_days_counts" CHECK (spent >= 0 and held >= 0),
	CONSTRAINT "spend_days_within_cap" CHECK (spent + held <= cap)
);
--> statement-breakpoint
ALTER TABLE "ledger_holds" ADD CONSTRAINT "ledger_holds_account" FOREIGN KEY ("account","asset") REFERENCES "public"."ledger_accounts"("id","asset") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_postings" ADD CONSTRAINT "ledger_postings_debit" FOREIGN KEY ("debit","asset") REFERENCES "public"."ledger_accounts"("id","asset") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_postings" ADD CONSTRAINT "ledger_postings_credit" FOREIGN KEY ("credit","asset") REFERENCES "public"."ledger_accounts"("id","asset") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_postings" ADD CONSTRAINT "ledger_postings_reversed_leg" FOREIGN KEY ("reverses","leg") REFERENCES "public"."ledger_postings"("key","leg") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ledger_watermarks" ADD CONSTRAINT "ledger_watermarks_account_ledger_accounts_id_fk" FOREIGN KEY ("account") REFERENCES "public"."ledger_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ledger_holds_open" ON "ledger_holds" USING btree ("expires_at") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "ledger_holds_day" ON "ledger_holds" USING brin ("day");--> statement-breakpoint
CREATE INDEX "ledger_holds_opened" ON "ledger_holds" USING brin ("opened_after");--> statement-breakpoint
CREATE UNIQUE INDEX "ledger_postings_reversed_once" ON "ledger_postings" USING btree ("reverses","leg") WHERE reverses is not null;--> statement-breakpoint
CREATE INDEX "ledger_postings_written" ON "ledger_postings" USING brin ("seq");--> statement-breakpoint
-- Rows that are updated all the time: with room in their page an update need not touch an index.
ALTER TABLE "ledger_accounts" SET (fillfactor = 50);--> statement-breakpoint
ALTER TABLE "spend_days" SET (fillfactor = 50);--> statement-breakpoint
ALTER TABLE "ledger_holds" SET (fillfactor = 70);--> statement-breakpoint
CREATE FUNCTION "ledger_postings_are_kept"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'postings are append-only: write a reversal' USING ERRCODE = 'restrict_violation';
END $$;--> statement-breakpoint
CREATE TRIGGER "ledger_postings_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_postings" FOR EACH STATEMENT EXECUTE FUNCTION "ledger_postings_are_kept"();
