-- What a server of this schema had stored when it was killed: one person who paid Stars and coins, a free answer and a failed one
-- with their bills, one in the middle whose bill and hold are open, and jobs in every state. She lends a machine with a stake: it
-- was paid for an answer and is paid for one in the middle; the server was killed between an epoch's close, which put the first
-- down for her wallet, and the file of its leaves. A later issue adds a file of its own and leaves this one as it is.
insert into people (id, telegram_id, name, language, chosen_language, model, about, persona) values
  ('00000000-0000-4000-8000-000000000001', 7, 'Ann', 'en', 'ru', 'qwen2.5-coder-1.5b', '', 'teacher');

insert into threads (id, person_id, chat, title, titled_by, pinned, archived, current, persona, instructions, head_id) values
  ('00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-000000000001', 'telegram:7', 'Rates', 'model', true, false, true, null, '', '00000000-0000-4000-8000-0000000000b6');

insert into messages (id, thread_id, role, text, external_id, parent_id) values
  ('00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000a1', 'user', 'What is 6 × 7?', 'telegram:7:1', null),
  ('00000000-0000-4000-8000-0000000000b2', '00000000-0000-4000-8000-0000000000a1', 'assistant', 'It is 42.', null, '00000000-0000-4000-8000-0000000000b1'),
  ('00000000-0000-4000-8000-0000000000b3', '00000000-0000-4000-8000-0000000000a1', 'user', 'И всё?', 'telegram:7:2', '00000000-0000-4000-8000-0000000000b2'),
  ('00000000-0000-4000-8000-0000000000b4', '00000000-0000-4000-8000-0000000000a1', 'assistant', '', null, '00000000-0000-4000-8000-0000000000b3'),
  ('00000000-0000-4000-8000-0000000000b5', '00000000-0000-4000-8000-0000000000a1', 'user', 'q7', 'telegram:7:3', '00000000-0000-4000-8000-0000000000b4'),
  ('00000000-0000-4000-8000-0000000000b6', '00000000-0000-4000-8000-0000000000a1', 'assistant', '', null, '00000000-0000-4000-8000-0000000000b5');

insert into runs (id, thread_id, message_id, answer_id, model, status, outcome, answer, finished_at) values
  ('00000000-0000-4000-8000-0000000000c1', '00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000b1', '00000000-0000-4000-8000-0000000000b2', 'qwen2.5-coder-1.5b', 'answered', '{"kind":"answered"}', 'It is 42.', now()),
  ('00000000-0000-4000-8000-0000000000c2', '00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000b3', '00000000-0000-4000-8000-0000000000b4', 'qwen2.5-coder-1.5b', 'failed', '{"kind":"failed","code":"no_worker","message":"No machine was there."}', '', now()),
  ('00000000-0000-4000-8000-0000000000c3', '00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000b5', '00000000-0000-4000-8000-0000000000b6', 'qwen2.5-coder-1.5b', 'running', null, '', null);

insert into shares (id, thread_id, head_id) values
  ('00000000-0000-4000-8000-0000000000e1', '00000000-0000-4000-8000-0000000000a1', '00000000-0000-4000-8000-0000000000b2');

update runs set feedback = 'up' where id = '00000000-0000-4000-8000-0000000000c1';

insert into steps (run_id, index, thought, action, observation, job, model, worker, attempts, prompt_tokens, completion_tokens, elapsed_ms) values
  ('00000000-0000-4000-8000-0000000000c1', 0, 'I count.', '{"kind":"tool","tool":"calculator","args":{"expression":"6*7"}}', '{"ok":true,"text":"42"}', '00000000-0000-4000-8000-0000000000d1', 'qwen2.5-coder-1.5b', 'attic', 1, 300, 20, 900),
  ('00000000-0000-4000-8000-0000000000c1', 1, 'Done.', '{"kind":"final_answer","text":"It is 42."}', null, null, 'qwen2.5-coder-1.5b', 'attic', 1, 340, 12, 700);

insert into workers (id, name, version, completed, failed, failed_in_row, pauses, paused_until, pause_reason, banned_at, good, bad, weighed_at) values
  (repeat('a', 64), 'attic', '0.1.0', 12, 1, 0, 0, null, null, null, 11.5, 0.4, now()),
  (repeat('c', 64), 'paused', '0.1.0', 3, 4, 4, 2, now() + interval '10 minutes', 'failures', null, 2, 3.5, now()),
  (repeat('b', 64), 'banned', '0.1.0', 0, 9, 9, 5, null, null, now(), null, null, null);

-- The running answer's job was leased, and a part of its text was committed; the API's jobs are one of each other state.
insert into jobs (id, key, owner, bill, model, request, state, fence, worker_id, lease_expires_at, deadline_at, committed_text, prompt_tokens, completion_tokens, usage_estimated, finish_reason, error, finished_at)
  select ('00000000-0000-4000-8000-0000000000' || id)::uuid, key, owner, bill::uuid, 'qwen2.5-coder-1.5b',
    jsonb_build_object('turns', jsonb_build_array(jsonb_build_object('role', 'user', 'content', question)), 'constraint', null,
      'sampling', '{"temperature":0,"topP":1,"seed":1}'::jsonb, 'maxTokens', 1024, 'stop', '[]'::jsonb, 'cacheKey', key),
    state::job_state, fence, worker, case when state = 'leased' then now() + interval '20 s' end, now() + interval '10 min',
    text, 100, fence, true, case when state = 'done' then 'stop' end,
    case when state = 'failed' then '{"code":"deadline","message":"It took too long."}'::jsonb end,
    case when state in ('done', 'failed', 'cancelled') then now() end
  from (values
    ('d1', 'run:00000000-0000-4000-8000-0000000000c1:0', 'person:00000000-0000-4000-8000-000000000001', 'What is 6 × 7?', 'done', 1, repeat('a', 64), '{}', '00000000-0000-4000-8000-0000000000c1'),
    ('d2', 'run:00000000-0000-4000-8000-0000000000c3:0', 'person:00000000-0000-4000-8000-000000000001', 'q7', 'leased', 2, repeat('a', 64), '{"thought":"","action":{"final_answer":"q7-0 q7-1 ', '00000000-0000-4000-8000-0000000000c3'),
    ('d3', 'api:queued', 'key:00000000-0000-4000-8000-0000000000e1', 'q8', 'queued', 0, null, '', null),
    ('d4', 'api:failed', 'key:00000000-0000-4000-8000-0000000000e1', 'q9', 'failed', 1, repeat('a', 64), '', null),
    ('d5', 'api:cancelled', 'key:00000000-0000-4000-8000-0000000000e1', 'q9', 'cancelled', 1, repeat('a', 64), '', null)
  ) as left_behind (id, key, owner, question, state, fence, worker, text, bill);

insert into attempts (job_id, fence, worker_id, ended_at, "end", tokens, took_ms, level_ms) values
  ('00000000-0000-4000-8000-0000000000d1', 1, repeat('a', 64), now(), 'done', 1, 900, 14250),
  ('00000000-0000-4000-8000-0000000000d2', 1, repeat('a', 64), now(), 'connection_closed', 3, 700, 14750),
  ('00000000-0000-4000-8000-0000000000d2', 2, repeat('a', 64), null, null, 5, null, null);

-- Of the key sk-starai-kkk…k (43 times).
insert into api_keys (id, hash, name, owner) values
  ('00000000-0000-4000-8000-0000000000e1', '27d96a8d332fd5aa4ef6bedc4880fe95bfb1fc4904d1ee723a313c2c7ea94dbc', 'laptop', '00000000-0000-4000-8000-000000000001');

insert into sessions (id, person_id, init_data_hash, device_hash, expires_at) values
  ('00000000-0000-4000-8000-0000000000f1', '00000000-0000-4000-8000-000000000001', 'launch', 'device', now() + interval '1 day');

insert into updates (bot, update_id, body, handled_at) values
  (1, 10, '{"update_id":10}', now()), (1, 11, '{"update_id":11}', null);

insert into pool_minutes (minute, workers, tokens, answers, queued, load) values (date_trunc('minute', now()), 1, 500, 2, 0, 0.5);

-- 500 Stars were paid; the answer in the middle holds 3 of them. 0.5 of the coin came from the house: an answer that ended
-- took 0.05, one in the middle holds 0.3, of which 0.1 is captured.
insert into ledger_accounts (id, asset, kind, owner, signed, balance, held) overriding system value values
  (1, 'stars', 'telegram_stars', 'house', true, -500000000000, 0),
  (2, 'stars', 'person', 'person:00000000-0000-4000-8000-000000000001', false, 500000000000, 3000000000),
  (3, 'coin', 'chain_hot', 'house', true, -500000000, 0),
  (4, 'coin', 'person', 'person:00000000-0000-4000-8000-000000000001', false, 350000000, 200000000),
  (5, 'stars', 'fees', 'house', false, 0, 0),
  (6, 'coin', 'earner', 'worker:' || repeat('a', 64), false, 100000000, 0),
  (7, 'coin', 'earner', 'wallet:' || repeat('7', 64), false, 50000000, 0);
select setval('ledger_accounts_id_seq', 7);

insert into ledger_postings (key, leg, params, asset, debit, credit, amount, kind, hold) values
  ('00000000-0000-4000-8000-000000000091', 0, sha256('["move",1,2,"500000000000","topup"]'::bytea), 'stars', 1, 2, 500000000000, 'topup', null),
  ('00000000-0000-4000-8000-000000000092', 0, sha256('["move",3,4,"500000000","credit"]'::bytea), 'coin', 3, 4, 500000000, 'credit', null);

insert into ledger_holds (id, account, asset, amount, used, params, day, cap_owners, opened_after, expires_at, closed_at)
  select id::uuid, account, asset::ledger_asset, amount, used,
    sha256(('["hold",' || account || ',"' || amount || '",["person:00000000-0000-4000-8000-000000000001"]]')::bytea),
    (now() at time zone 'UTC')::date, '["person:00000000-0000-4000-8000-000000000001"]', 2, now() + interval '15 min', closed_at
  from (values
    ('00000000-0000-4000-8000-0000000000c3', 2, 'stars', 3000000000, 0, null::timestamptz),
    ('00000000-0000-4000-8000-0000000000c4', 4, 'coin', 50000000, 50000000, now()),
    ('00000000-0000-4000-8000-0000000000c5', 4, 'coin', 300000000, 100000000, null)
  ) as left_behind (id, account, asset, amount, used, closed_at);

insert into ledger_postings (key, leg, params, asset, debit, credit, amount, kind, hold) values
  ('00000000-0000-4000-8000-000000000093', 0, sha256('["capture","00000000-0000-4000-8000-0000000000c4",[[6,"50000000","earned"]]]'::bytea), 'coin', 4, 6, 50000000, 'earned', '00000000-0000-4000-8000-0000000000c4'),
  ('00000000-0000-4000-8000-000000000094', 0, sha256('["capture","00000000-0000-4000-8000-0000000000c5",[[6,"100000000","earned"]]]'::bytea), 'coin', 4, 6, 100000000, 'earned', '00000000-0000-4000-8000-0000000000c5'),
  -- What epoch 1 put down for her wallet.
  ('00000000-0000-4000-8000-000000000095', 0, sha256('["move",6,7,"50000000","epoch_leaf"]'::bytea), 'coin', 6, 7, 50000000, 'epoch_leaf', null);

insert into spend_days (owner, asset, day, cap, spent, held) values
  ('person:00000000-0000-4000-8000-000000000001', 'stars', (now() at time zone 'UTC')::date, 76923076923, 0, 3000000000),
  ('person:00000000-0000-4000-8000-000000000001', 'coin', (now() at time zone 'UTC')::date, 500000000, 150000000, 200000000);

insert into ledger_watermarks (account, upto, balance) values (1, 1, -500000000000), (2, 1, 500000000000);

insert into receipt_keys (id, public_key) values ('an-older-key', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
insert into bills (id, kind, person, paid_with, model, price, budget, day, closed_at, amount, receipt, receipt_key, signature)
  select id::uuid, 'answer', '00000000-0000-4000-8000-000000000001', paid_with::paid_with, 'qwen2.5-coder-1.5b',
    '{"perMillion":{"prompt":"1154000000","cached":"308000000","answer":"4616000000"},"askPercent":100,"feeBasisPoints":1000,"lossBasisPoints":500,"rate":null}'::jsonb, budget, (now() at time zone 'UTC')::date, case when receipt is not null then now() end, 0, receipt, key, key
  from (values
    ('00000000-0000-4000-8000-0000000000c1', 'free', 4000, '{"id":"00000000-0000-4000-8000-0000000000c1","amount":"0","legs":[]}', 'an-older-key'),
    ('00000000-0000-4000-8000-0000000000c2', 'free', 4000, '{"id":"00000000-0000-4000-8000-0000000000c2","amount":"0","legs":[]}', 'an-older-key'),
    ('00000000-0000-4000-8000-0000000000c3', 'stars', 3000000000, null, null)
  ) as left_behind (id, paid_with, budget, receipt, key);
insert into free_answers (person, day, used, allowed) values
  ('00000000-0000-4000-8000-000000000001', (now() at time zone 'UTC')::date, 20, 20);
insert into free_budgets (day, cap, used) values ((now() at time zone 'UTC')::date, 2000000, 900);
insert into spending_caps (owner, answer, day) values ('person:00000000-0000-4000-8000-000000000001', 50000, 1000000);
insert into rates (micro_usd_per_coin, at, sources) values (1700000, now(), '["sandbox"]');
insert into money_settings (name, value) values ('halted', 'false');
insert into operator_acts (who, why, verb, params) values ('anna', 'a first coin', 'credit', '{"amount":"500000000"}');
insert into star_orders (id, person, telegram_id, kind, stars, expires_at, charge) values
  ('00000000-0000-4000-8000-0000000000aa', '00000000-0000-4000-8000-000000000001', 7, 'pack', 500, now(), 'charge-1');
insert into star_charges (charge, direction, person, telegram_id, stars, credits, order_id, at) values
  ('charge-1', 'paid', '00000000-0000-4000-8000-000000000001', 7, 500, 500000000000, '00000000-0000-4000-8000-0000000000aa', now());
insert into star_statement (read) values (1);
insert into star_subscriptions (person, telegram_id, first_charge, stars, state, paid_until) values
  ('00000000-0000-4000-8000-000000000001', 7, 'charge-1', 250, 'canceled', now() + interval '20 days');

insert into wallets (person, address, payouts_from) values ('00000000-0000-4000-8000-000000000001', '0:' || repeat('7', 64), now());
insert into worker_bindings (worker, person) values (repeat('a', 64), '00000000-0000-4000-8000-000000000001'), (repeat('c', 64), null);
insert into pairing_codes (hash, worker, expires_at, used_at) values
  (repeat('1', 64), repeat('a', 64), now() + interval '5 minutes', now()), (repeat('2', 64), repeat('c', 64), now() + interval '5 minutes', null);
insert into contributor_stakes (wallet, account, stake, unbonding, unbond_at, claimed, disputed, disputed_until, seen_at) values
  ('0:' || repeat('7', 64), '0:' || repeat('8', 64), 10000000000, 2000000000, now() + interval '5 days', 0, 1000000000, now() + interval '2 days', now());
insert into credit_totals (worker, asset, notes, total, first_epoch) values (repeat('a', 64), 'coin', 1, 50000000, -1);
insert into credit_notes (worker, asset, number, job, amount, total, at) values
  (repeat('a', 64), 'coin', 1, '00000000-0000-4000-8000-0000000000d9', 50000000, 50000000, now() - interval '1 hour');
insert into epochs (number, chain_epoch, state, closed_at, recorded_at, upto, leaves, total) values
  (1, 1, 'closed', now(), now(), 5, 1, 50000000);
insert into epoch_lines (epoch, worker, wallet, earned, released, held) values (1, repeat('a', 64), '0:' || repeat('7', 64), 150000000, 50000000, 100000000);
insert into epoch_leaves (wallet, cumulative, epoch) values ('0:' || repeat('7', 64), 50000000, 1);
insert into slash_proposals (wallet, amount, reason, evidence, shown_at) values
  ('0:' || repeat('7', 64), 1000000000, 'answers of another model', '{"wallet":"0:7","amount":"1000000000","reason":"answers of another model","jobs":[]}', now());
insert into appeals (person, worker, words) values ('00000000-0000-4000-8000-000000000001', repeat('a', 64), 'It was the model you asked for.');
insert into worker_hours (worker, hour, online_s, jobs, failed, tokens, tokens_per_s, earned, skipped) values
  (repeat('a', 64), date_trunc('hour', now()), 1800, 2, 0, 300, 20, 50000000, '{"stranger":1}');
