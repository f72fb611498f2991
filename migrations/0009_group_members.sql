ALTER TABLE "attempts" ADD COLUMN "members" jsonb;--> statement-breakpoint
CREATE INDEX "attempts_of_groups" ON "attempts" USING btree ("started_at") WHERE members is not null;