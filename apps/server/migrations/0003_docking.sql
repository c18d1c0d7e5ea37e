-- What docking must remember between two segments of a journal: the state of the camera at its accepted head, the
-- recordings that it said it freed, and what it held when it was last in a dock.

create table sworn.camera_journal (
  force_id uuid not null references sworn.force (id),
  camera_id uuid not null,
  -- Deterministic CBOR: the state from which the next entry is judged (evidence format §4, states).
  state bytea not null,
  -- What the camera held, as told when it was last docked; null until then.
  held jsonb,
  held_at timestamptz,
  held_sequence bigint,
  primary key (force_id, camera_id),
  foreign key (force_id, camera_id) references sworn.camera (force_id, id)
);

create table sworn.freed_recording (
  force_id uuid not null references sworn.force (id),
  camera_id uuid not null,
  recording_id uuid not null,
  sequence bigint not null,
  receipt_hash bytea not null check (length(receipt_hash) = 32),
  primary key (force_id, camera_id, recording_id),
  foreign key (force_id, camera_id) references sworn.camera (force_id, id)
);

select sworn.protect(t::regclass) from unnest(array['sworn.camera_journal', 'sworn.freed_recording']) as t;
grant select, insert, update on sworn.camera_journal to sworn_app;
grant select, insert on sworn.freed_recording to sworn_app;

create index docking_session_open on sworn.docking_session (force_id, camera_id) where closed_at is null;
create index finding_camera on sworn.finding (force_id, camera_id, kind) where resolved_at is null;
create index breach_opened on sworn.breach (force_id, opened_at desc);
create index breach_camera on sworn.breach (force_id, camera_id);
create index journal_segment_last on sworn.journal_segment (force_id, camera_id, last_sequence desc);
