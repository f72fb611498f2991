CREATE TABLE "chain_cursors" (
	"role" text PRIMARY KEY NOT NULL,
	"address" text NOT NULL,
	"lt" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "chain_home" (
	"one" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"network_id" integer NOT NULL,
	"deposits" text NOT NULL,
	"till" text NOT NULL,
	"distributor" text NOT NULL,
	"pinned_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chain_home_one" CHECK (one = 1)
);
--> statement-breakpoint
CREATE TABLE "chain_transactions" (
	"address" text NOT NULL,
	"lt" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	"role" text NOT NULL,
	"kind" text NOT NULL,
	"delta" bigint NOT NULL,
	"fees" bigint NOT NULL,
	"ref" uuid,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "chain_transactions_address_lt_hash_pk" PRIMARY KEY("address","lt","hash"),
	CONSTRAINT "chain_transactions_fees" CHECK (fees >= 0)
);
--> statement-breakpoint
CREATE TABLE "deposit_claims" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"person" uuid NOT NULL,
	"words" text NOT NULL,
	"deposit" uuid,
	"state" text DEFAULT 'open' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"decided_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "deposit_invoices" (
	"id" bigint PRIMARY KEY NOT NULL,
	"person" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"handed_at" timestamp (3) with time zone,
	"sent_at" timestamp (3) with time zone,
	"deposit" uuid,
	CONSTRAINT "deposit_invoices_amount" CHECK (amount > 0)
);
--> statement-breakpoint
CREATE TABLE "deposit_numbers" (
	"number" bigint PRIMARY KEY NOT NULL,
	"person" uuid NOT NULL,
	"memo" text NOT NULL,
	CONSTRAINT "deposit_numbers_person_unique" UNIQUE("person"),
	CONSTRAINT "deposit_numbers_memo_unique" UNIQUE("memo")
);
--> statement-breakpoint
CREATE TABLE "deposits" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"network_id" integer NOT NULL,
	"account" text NOT NULL,
	"lt" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	"sender" text NOT NULL,
	"amount" bigint NOT NULL,
	"number" bigint,
	"invoice" bigint,
	"comment" text,
	"state" text NOT NULL,
	"person" uuid,
	"how" text,
	"at" timestamp (3) with time zone NOT NULL,
	"stored_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"credited_at" timestamp (3) with time zone,
	CONSTRAINT "deposits_amount" CHECK (amount > 0),
	CONSTRAINT "deposits_credited" CHECK ((state = 'credited') = (credited_at is not null)),
	CONSTRAINT "deposits_owner" CHECK (state not in ('credited', 'checking') or person is not null)
);
--> statement-breakpoint
CREATE TABLE "notices" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"event" text NOT NULL,
	"telegram_id" bigint NOT NULL,
	"params" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"told_at" timestamp (3) with time zone,
	CONSTRAINT "notices_event_unique" UNIQUE("event")
);
--> statement-breakpoint
CREATE TABLE "outgoing" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"ref" uuid,
	"destination" text NOT NULL,
	"value" bigint NOT NULL,
	"bounce" boolean NOT NULL,
	"body" "bytea" NOT NULL,
	"state" text NOT NULL,
	"batch" uuid,
	"left_out" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"sent_at" timestamp (3) with time zone,
	CONSTRAINT "outgoing_batch" CHECK ((state = 'queued') = (batch is null) or state = 'void')
);
--> statement-breakpoint
CREATE TABLE "outgoing_batches" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"seqno" integer NOT NULL,
	"valid_until" integer NOT NULL,
	"boc" "bytea" NOT NULL,
	"body_hash" "bytea" NOT NULL,
	"state" text NOT NULL,
	"signed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outgoing_batches_body_hash_unique" UNIQUE("body_hash")
);
--> statement-breakpoint
CREATE TABLE "payouts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"person" uuid NOT NULL,
	"wallet" text NOT NULL,
	"amount" bigint NOT NULL,
	"fee" bigint NOT NULL,
	"state" text NOT NULL,
	"requested_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ready_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"transaction" text,
	CONSTRAINT "payouts_amounts" CHECK (amount > 0 and fee >= 0),
	CONSTRAINT "payouts_ended" CHECK ((state in ('paid', 'returned', 'cancelled')) = (ended_at is not null))
);
--> statement-breakpoint
CREATE TABLE "settlements" (
	"day" date NOT NULL,
	"part" text NOT NULL,
	"amount" bigint NOT NULL,
	"state" text DEFAULT 'asked' NOT NULL,
	"outgoing" uuid NOT NULL,
	"query_id" bigint NOT NULL,
	"asked_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp (3) with time zone,
	CONSTRAINT "settlements_day_part_pk" PRIMARY KEY("day","part"),
	CONSTRAINT "settlements_outgoing_unique" UNIQUE("outgoing"),
	CONSTRAINT "settlements_query_id_unique" UNIQUE("query_id"),
	CONSTRAINT "settlements_amount" CHECK (amount > 0),
	CONSTRAINT "settlements_ended" CHECK ((state = 'asked') = (ended_at is null))
);
--> statement-breakpoint
CREATE TABLE "wallet_nonces" (
	"nonce" text PRIMARY KEY NOT NULL,
	"person" uuid,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "wallets" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"person" uuid NOT NULL,
	"address" text NOT NULL,
	"bound_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"payouts_from" timestamp (3) with time zone NOT NULL,
	"replaces" uuid,
	"state" text DEFAULT 'bound' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "escrows" (
	"address" text PRIMARY KEY NOT NULL,
	"owner" text NOT NULL,
	"network_id" integer NOT NULL,
	"vault" text NOT NULL,
	"provider_key" text NOT NULL,
	"stored_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"seen_chain_s" bigint NOT NULL,
	"keys" jsonb NOT NULL,
	"round" bigint NOT NULL,
	"ripe_at" bigint,
	"settled" bigint NOT NULL,
	"available" bigint NOT NULL,
	"daily_cap" bigint NOT NULL,
	"cap_left" bigint NOT NULL,
	"judged_keys" jsonb NOT NULL,
	"booked_round" bigint NOT NULL,
	"booked_settled" bigint NOT NULL,
	"consent_round" bigint,
	"consent_until" bigint,
	CONSTRAINT "escrows_amounts" CHECK (settled >= 0 and available >= 0 and cap_left >= 0 and booked_settled >= 0),
	CONSTRAINT "escrows_rounds" CHECK (booked_round <= round),
	CONSTRAINT "escrows_consent" CHECK ((consent_round is null) = (consent_until is null))
);
--> statement-breakpoint
CREATE TABLE "redemptions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"escrow" text NOT NULL,
	"round" bigint NOT NULL,
	"cumulative" bigint NOT NULL,
	"query_id" bigint NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vouchers" (
	"escrow" text NOT NULL,
	"round" bigint NOT NULL,
	"cumulative" bigint NOT NULL,
	"key_index" integer NOT NULL,
	"signature" "bytea" NOT NULL,
	"stored_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "vouchers_escrow_round_pk" PRIMARY KEY("escrow","round"),
	CONSTRAINT "vouchers_cumulative" CHECK (cumulative > 0),
	CONSTRAINT "vouchers_signature" CHECK (octet_length(signature) = 64)
);
--> statement-breakpoint
ALTER TABLE "bills" ADD COLUMN "escrow" text;--> statement-breakpoint
ALTER TABLE "redemptions" ADD CONSTRAINT "redemptions_escrow_escrows_address_fk" FOREIGN KEY ("escrow") REFERENCES "public"."escrows"("address") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vouchers" ADD CONSTRAINT "vouchers_escrow_escrows_address_fk" FOREIGN KEY ("escrow") REFERENCES "public"."escrows"("address") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "chain_transactions_drawn" ON "chain_transactions" USING btree ("ref") WHERE kind = 'drawn';--> statement-breakpoint
CREATE INDEX "deposit_claims_person" ON "deposit_claims" USING btree ("person","created_at");--> statement-breakpoint
CREATE INDEX "deposit_invoices_person" ON "deposit_invoices" USING btree ("person","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "deposits_once" ON "deposits" USING btree ("network_id","account","lt","hash");--> statement-breakpoint
CREATE INDEX "deposits_person" ON "deposits" USING btree ("person","at");--> statement-breakpoint
CREATE INDEX "deposits_waiting" ON "deposits" USING btree ("at") WHERE state in ('checking', 'unmatched');--> statement-breakpoint
CREATE INDEX "notices_untold" ON "notices" USING btree ("created_at") WHERE told_at is null;--> statement-breakpoint
CREATE INDEX "outgoing_queued" ON "outgoing" USING btree ("created_at") WHERE state in ('queued', 'signed');--> statement-breakpoint
CREATE UNIQUE INDEX "outgoing_ref" ON "outgoing" USING btree ("kind","ref");--> statement-breakpoint
CREATE UNIQUE INDEX "outgoing_batches_one_at_a_time" ON "outgoing_batches" USING btree ((1)) WHERE state = 'signed';--> statement-breakpoint
CREATE UNIQUE INDEX "outgoing_batches_seqno" ON "outgoing_batches" USING btree ("seqno") WHERE state <> 'void';--> statement-breakpoint
CREATE INDEX "payouts_person" ON "payouts" USING btree ("person","requested_at");--> statement-breakpoint
CREATE INDEX "payouts_open" ON "payouts" USING btree ("ready_at") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "payouts_paid" ON "payouts" USING btree ("ended_at") WHERE state = 'paid';--> statement-breakpoint
CREATE INDEX "wallet_nonces_person" ON "wallet_nonces" USING btree ("person","expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "wallets_of_person" ON "wallets" USING btree ("person") WHERE state = 'bound';--> statement-breakpoint
CREATE UNIQUE INDEX "wallets_bound" ON "wallets" USING btree ("address") WHERE state = 'bound';--> statement-breakpoint
CREATE INDEX "wallets_person" ON "wallets" USING btree ("person","bound_at");--> statement-breakpoint
CREATE INDEX "escrows_owner" ON "escrows" USING btree ("owner","stored_at");--> statement-breakpoint
CREATE INDEX "escrows_seen" ON "escrows" USING btree ("seen_at");--> statement-breakpoint
CREATE UNIQUE INDEX "redemptions_one_at_a_time" ON "redemptions" USING btree ("escrow") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "redemptions_escrow" ON "redemptions" USING btree ("escrow","created_at");