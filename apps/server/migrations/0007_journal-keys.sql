-- Personal details of a journal that belong to no recording open under a key of the camera's month, in the key ring,
-- which is destroyed when its period is over; and which details an export hands over.

alter table sworn.journal_segment
  -- SHA-256 of the segment as the camera sent it, where the stored one is another: the keys of its details are wrapped anew.
  add column sent_hash bytea check (length(sent_hash) = 32),
  -- An object that the stored one replaced and that is still to be removed.
  add column replaced_hash bytea check (length(replaced_hash) = 32),
  -- as-sent: details may still be sealed to an ingest key, since a version before this one stored it, or since that key
  -- could not be read.
  add column details text not null default 'as-sent' check (details in ('as-sent', 'wrapped'));
create index journal_segment_unwrapped on sworn.journal_segment (force_id, camera_id, first_sequence)
  where details <> 'wrapped' or replaced_hash is not null;
grant update (size_bytes, hash, sent_hash, replaced_hash, details) on sworn.journal_segment to sworn_app;

-- How long details are kept. A version is never changed; a new one holds for the keys that are made from then on.
create table sworn.journal_rule (
  force_id uuid not null references sworn.force (id),
  version int not null check (version >= 1),
  -- Longer than an ingest key lives: the envelope that the camera sent must not outlive the key that replaces it.
  period_days int not null check (period_days between 186 and 36500),
  citation text not null check (length(citation) between 1 and 500),
  effective_at timestamptz not null,
  primary key (force_id, version)
);

-- One row for each key `journal/<camera>/<yyyy-mm>`, with the rule as it was when the key was made.
create table sworn.journal_key (
  force_id uuid not null references sworn.force (id),
  camera_id uuid not null,
  -- Of arrival, UTC, as in the key's id.
  month text not null check (month ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'),
  rule_version int not null,
  period_days int not null,
  citation text not null,
  made_at timestamptz not null,
  due_at timestamptz not null,
  ordered_at timestamptz,
  order_entry_id bigint,
  destroyed_at timestamptz,
  primary key (force_id, camera_id, month),
  check ((ordered_at is null) = (order_entry_id is null)),
  check (destroyed_at is null or ordered_at is not null),
  foreign key (force_id, camera_id) references sworn.camera (force_id, id),
  foreign key (force_id, rule_version) references sworn.journal_rule (force_id, version)
);
create index journal_key_due on sworn.journal_key (force_id, due_at) where destroyed_at is null;

select sworn.protect(t::regclass) from unnest(array['sworn.journal_rule', 'sworn.journal_key']) as t;
grant select, insert on sworn.journal_rule to sworn_app;
grant select, insert, update (ordered_at, order_entry_id, destroyed_at) on sworn.journal_key to sworn_app;

-- Exports that were begun before handed over no details.
alter table sworn.recording_export
  add column details text not null default 'none' check (details in ('recording', 'none'));
