-- One connection at a time for each upload, across processes, and what was exported to whom.

-- A lease: whoever holds the token may move the offset until the lease ends. Every commit renews it.
alter table sworn.upload add column lock_token uuid, add column locked_until timestamptz,
  add constraint upload_lock check ((lock_token is null) = (locked_until is null));
create index upload_unfinished on sworn.upload (force_id, touched_at) where state = 'verifying';
create index upload_of_recording on sworn.upload (force_id, recording_id, created_at desc);
create index quarantine_recording on sworn.quarantine (force_id, recording_id, arrived_at desc);

-- An export that a person asked for; its files are given once the ledger covers the entry.
create table sworn.recording_export (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  recording_id uuid not null,
  person_id uuid not null,
  recipient text not null check (length(recipient) between 1 and 200),
  purpose text not null check (length(purpose) between 1 and 500),
  entry_id bigint not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  unique (force_id, id),
  foreign key (force_id, recording_id) references sworn.recording (force_id, id),
  foreign key (force_id, person_id) references sworn.person (force_id, id)
);
create index recording_export_recording on sworn.recording_export (force_id, recording_id, created_at desc);

select sworn.protect('sworn.recording_export');
grant select, insert on sworn.recording_export to sworn_app;
