-- What a named person hands in of a camera that is no longer trusted: its journal, apart from the accepted one, and the
-- recordings that only this journal promises.

create table sworn.hand_in (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  camera_id uuid not null,
  handed_in_by uuid not null,
  reason text not null check (length(reason) between 1 and 2000),
  -- The last entry of what is handed in, as said at its beginning: the same journal again is the same hand-in.
  head_sequence bigint not null check (head_sequence >= 0),
  head_hash bytea not null check (length(head_hash) = 32),
  -- What has come of it so far: one chain, signed by the camera.
  first_sequence bigint,
  last_sequence bigint,
  last_hash bytea check (length(last_hash) = 32),
  -- Where the recording begins that is not sealed so far.
  open_sequence bigint,
  -- The first entry that differs from the accepted journal.
  fork_sequence bigint,
  completed_at timestamptz,
  entry_id bigint not null,
  created_at timestamptz not null,
  unique (force_id, id),
  unique (force_id, camera_id, head_hash),
  check ((first_sequence is null) = (last_sequence is null) and (last_sequence is null) = (last_hash is null)),
  foreign key (force_id, camera_id) references sworn.camera (force_id, id),
  foreign key (force_id, handed_in_by) references sworn.person (force_id, id)
);

create table sworn.hand_in_segment (
  force_id uuid not null references sworn.force (id),
  hand_in_id uuid not null,
  camera_id uuid not null,
  first_sequence bigint not null check (first_sequence >= 0),
  last_sequence bigint not null,
  size_bytes bigint not null,
  hash bytea not null check (length(hash) = 32),
  received_at timestamptz not null,
  entry_id bigint not null,
  primary key (force_id, hand_in_id, first_sequence),
  check (last_sequence >= first_sequence),
  foreign key (force_id, hand_in_id) references sworn.hand_in (force_id, id)
);
create index hand_in_segment_camera on sworn.hand_in_segment (force_id, camera_id, first_sequence);

-- Set where the handed-in journal, not the accepted one, says what the recording is.
alter table sworn.recording add column hand_in_id uuid,
  add constraint recording_hand_in foreign key (force_id, hand_in_id) references sworn.hand_in (force_id, id);
create index recording_hand_in on sworn.recording (force_id, hand_in_id) where hand_in_id is not null;

select sworn.protect(t::regclass) from unnest(array['sworn.hand_in', 'sworn.hand_in_segment']) as t;
grant select, insert, update on sworn.hand_in to sworn_app;
grant select, insert on sworn.hand_in_segment to sworn_app;
