-- Devices, docking, journals, recordings, uploads, quarantine and findings; the private side of the ledger.
-- Bytes live in the object store; rows say what they are. No table has a row for each fragment: the list of a
-- recording's parts is one blob, a journal is stored in segments.

-- Devices -----------------------------------------------------------------------------------------------------

create table sworn.camera (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  name text not null check (length(name) between 1 and 60),
  model text not null check (length(model) <= 200),
  borough_id uuid,
  team_id uuid,
  spki bytea not null,
  certificate bytea not null,
  certificate_hash bytea not null unique check (length(certificate_hash) = 32),
  serial text not null,
  state text not null default 'in-service' check (state in ('in-service', 'lost', 'retired')),
  enrolled_at timestamptz not null,
  enrolled_by uuid,
  last_docked_at timestamptz,
  -- The locked head: the last journal entry that the server has accepted.
  head_sequence bigint,
  head_hash bytea check (length(head_hash) = 32),
  head_accepted_at timestamptz,
  unique (force_id, id),
  unique (force_id, name),
  check ((head_sequence is null) = (head_hash is null)),
  foreign key (force_id, borough_id) references sworn.borough (force_id, id),
  foreign key (force_id, borough_id, team_id) references sworn.team (force_id, borough_id, id),
  foreign key (force_id, enrolled_by) references sworn.person (force_id, id)
);

create table sworn.dock (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  name text not null check (length(name) between 1 and 60),
  borough_id uuid,
  spki bytea not null,
  certificate bytea not null,
  certificate_hash bytea not null unique check (length(certificate_hash) = 32),
  serial text not null,
  state text not null default 'in-service' check (state in ('in-service', 'retired')),
  enrolled_at timestamptz not null,
  unique (force_id, id),
  unique (force_id, name),
  foreign key (force_id, borough_id) references sworn.borough (force_id, id)
);

create table sworn.assignment (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  camera_id uuid not null,
  person_id uuid not null,
  borough_id uuid,
  team_id uuid,
  started_at timestamptz not null,
  ended_at timestamptz,
  issued_by uuid,
  unique (force_id, id),
  check (ended_at is null or ended_at >= started_at),
  foreign key (force_id, camera_id) references sworn.camera (force_id, id),
  foreign key (force_id, person_id) references sworn.person (force_id, id)
);
create index assignment_camera on sworn.assignment (force_id, camera_id, started_at desc);
create unique index assignment_open on sworn.assignment (force_id, camera_id) where ended_at is null;

create table sworn.revocation (
  force_id uuid not null references sworn.force (id),
  serial text not null,
  revoked_at timestamptz not null,
  camera_id uuid,
  dock_id uuid,
  revoked_by uuid,
  primary key (force_id, serial)
);

-- The number of the last revocation list that was issued: it must grow.
create table sworn.revocation_list (
  force_id uuid primary key references sworn.force (id),
  number bigint not null default 0
);

-- A possible breach of personal data: to be notified within 72 hours where it is one (DPA 2018 s.67).
create table sworn.breach (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  camera_id uuid,
  opened_at timestamptz not null,
  notify_by timestamptz not null,
  opened_by uuid,
  circumstances text not null,
  -- Recordings that the camera may hold: numbers, times and how much is known of each.
  may_hold jsonb not null,
  closed_at timestamptz,
  unique (force_id, id),
  foreign key (force_id, camera_id) references sworn.camera (force_id, id)
);

-- Something a person must look at. Told once: the same finding again changes nothing.
create table sworn.finding (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  kind text not null check (kind in ('journal-fork', 'journal-gap', 'journal-dropped-tail', 'journal-refused',
    'journal-transition', 'missing', 'altered', 'uncertain-clock', 'unclean-stop', 'foreign-upload', 'destruction')),
  camera_id uuid,
  recording_id uuid,
  -- What makes it the same finding, for instance the sequence number.
  subject text not null,
  detail jsonb not null,
  found_at timestamptz not null,
  resolved_at timestamptz,
  resolved_by uuid,
  unique (force_id, id),
  unique nulls not distinct (force_id, kind, camera_id, recording_id, subject)
);
create index finding_open on sworn.finding (force_id, found_at desc) where resolved_at is null;

-- Docking and journals ----------------------------------------------------------------------------------------

create table sworn.docking_session (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  camera_id uuid not null,
  dock_id uuid not null,
  nonce bytea not null check (length(nonce) = 32),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Set when the camera's own `docked` entry with this nonce was accepted.
  opened_at timestamptz,
  closed_at timestamptz,
  unique (force_id, id),
  foreign key (force_id, camera_id) references sworn.camera (force_id, id),
  foreign key (force_id, dock_id) references sworn.dock (force_id, id)
);
create index docking_session_camera on sworn.docking_session (force_id, camera_id, created_at desc);

create table sworn.journal_segment (
  force_id uuid not null references sworn.force (id),
  camera_id uuid not null,
  first_sequence bigint not null check (first_sequence >= 0),
  last_sequence bigint not null,
  size_bytes bigint not null,
  -- SHA-256 of the stored bytes; the bytes are in the object store.
  hash bytea not null check (length(hash) = 32),
  head_hash bytea not null check (length(head_hash) = 32),
  received_at timestamptz not null,
  session_id uuid,
  entry_id bigint not null,
  primary key (force_id, camera_id, first_sequence),
  check (last_sequence >= first_sequence),
  foreign key (force_id, camera_id) references sworn.camera (force_id, id)
);

-- Every `clock-set`, and every boot's extent: what corrected times are computed from.
create table sworn.clock_fix (
  force_id uuid not null references sworn.force (id),
  camera_id uuid not null,
  sequence bigint not null,
  boot uuid not null,
  monotonic_ms bigint not null,
  before_ms bigint not null,
  after_ms bigint not null,
  error_ms bigint not null,
  primary key (force_id, camera_id, sequence),
  foreign key (force_id, camera_id) references sworn.camera (force_id, id)
);

-- Recordings --------------------------------------------------------------------------------------------------

create table sworn.recording (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  camera_id uuid,
  number int check (number >= 1),
  borough_id uuid,
  team_id uuid,
  officer_id uuid,
  assignment_id uuid,
  -- expected: the journal promises it; collected: stored and receipted; then ordered to be destroyed, and destroyed.
  state text not null check (state in ('expected', 'collected', 'destroy-ordered', 'destroyed')),
  format text not null check (format in ('cmaf', 'file')),
  verdict text check (verdict in ('verified', 'altered', 'unattested', 'untrusted')),
  identity bytea check (length(identity) = 32),
  -- As the camera's clock said, and corrected.
  camera_start_ms bigint,
  camera_end_ms bigint,
  recorded_start_at timestamptz,
  recorded_end_at timestamptz,
  clock text check (clock in ('dock', 'bounded', 'unbounded', 'stated', 'decided')),
  duration_ms bigint,
  -- Where it was filmed, in 10^-7 degree, when there were positions.
  south int, west int, north int, east int,
  first_sequence bigint,
  last_sequence bigint,
  seal_hash bytea,
  seal_reason text,
  part_count int,
  length_bytes bigint,
  stored_bytes bigint,
  -- Deterministic CBOR: rows of length, hash, stored length, stored hash, start and duration (evidence format §7).
  parts bytea,
  envelope_hash bytea,
  object_key text,
  file_name text,
  manifest bytea,
  receipt bytea,
  received_at timestamptz,
  collected_entry_id bigint,
  class text,
  classified_at timestamptz,
  classified_by uuid,
  incident text check (length(incident) <= 80),
  destroy_ordered_at timestamptz,
  destroy_entry_id bigint,
  destroyed_at timestamptz,
  destruction_certificate bytea,
  warned_at timestamptz,
  created_at timestamptz not null,
  unique (force_id, id),
  unique (force_id, camera_id, number),
  check (state = 'expected' or (verdict is not null and identity is not null and received_at is not null)),
  check ((state = 'destroyed') = (destroyed_at is not null)),
  foreign key (force_id, camera_id) references sworn.camera (force_id, id),
  foreign key (force_id, borough_id) references sworn.borough (force_id, id),
  foreign key (force_id, officer_id) references sworn.person (force_id, id)
);
create index recording_recorded on sworn.recording (force_id, recorded_start_at desc, id);
create index recording_officer on sworn.recording (force_id, officer_id, recorded_start_at desc);
create index recording_incident on sworn.recording (force_id, incident) where incident is not null;
-- The retention job walks this: what is collected, oldest end first.
create index recording_due on sworn.recording (force_id, recorded_end_at, id) where state = 'collected';
create index recording_unfinished on sworn.recording (force_id, destroy_ordered_at) where state = 'destroy-ordered';
create index recording_unreceipted on sworn.recording (force_id, received_at) where receipt is null and state = 'collected';

-- A working copy, poster or other thing made from a recording. Its key is wrapped by the recording's.
create table sworn.derivative (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  recording_id uuid not null,
  kind text not null check (kind in ('poster', 'clip', 'copy')),
  media_type text not null,
  object_key text not null,
  wrapped_key bytea not null,
  size_bytes bigint not null,
  stored_bytes bigint not null,
  hash bytea not null check (length(hash) = 32),
  created_at timestamptz not null,
  unique (force_id, id),
  foreign key (force_id, recording_id) references sworn.recording (force_id, id)
);
create index derivative_recording on sworn.derivative (force_id, recording_id, kind);

create table sworn.upload (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  kind text not null check (kind in ('camera', 'import')),
  camera_id uuid,
  recording_id uuid not null,
  number int,
  session_id uuid,
  imported_by uuid,
  length_bytes bigint not null check (length_bytes > 0),
  -- Durable bytes: the offset lives here, never in a file's size.
  offset_bytes bigint not null default 0 check (offset_bytes between 0 and length_bytes),
  -- Durable store parts, in order: their sizes.
  store_parts bigint[] not null default '{}',
  object_key text not null,
  -- For an import: the file's name, who, where and when, as stated.
  stated jsonb,
  state text not null check (state in ('open', 'verifying', 'collected', 'quarantined', 'refused')),
  problem text,
  created_at timestamptz not null,
  touched_at timestamptz not null,
  unique (force_id, id),
  foreign key (force_id, camera_id) references sworn.camera (force_id, id)
);
create unique index upload_recording on sworn.upload (force_id, recording_id) where state in ('open', 'verifying');
create index upload_camera on sworn.upload (force_id, camera_id, number);
create index upload_open on sworn.upload (touched_at) where state in ('open', 'verifying');

create table sworn.quarantine (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  upload_id uuid,
  camera_id uuid,
  recording_id uuid,
  number int,
  reason text not null,
  -- A verdict for each part: index, from and to in ms of media time, what was expected and what came.
  verdicts jsonb not null,
  hash bytea not null check (length(hash) = 32),
  size_bytes bigint not null,
  object_key text not null,
  arrived_at timestamptz not null,
  decided_at timestamptz,
  decided_by uuid,
  decision text check (decision in ('altered', 'untrusted', 'rejected')),
  decision_reason text,
  check ((decided_at is null) = (decision is null)),
  unique (force_id, id)
);
create index quarantine_open on sworn.quarantine (force_id, arrived_at desc) where decided_at is null;
-- Identical bytes are kept once.
create unique index quarantine_hash on sworn.quarantine (force_id, hash, recording_id);

-- The ledger's private side -----------------------------------------------------------------------------------

create table sworn.ledger_entry (
  id bigint generated always as identity primary key,
  force_id uuid not null references sworn.force (id),
  event text not null,
  at timestamptz not null,
  person_id uuid,
  device_id uuid,
  recording_id uuid,
  camera_id uuid,
  -- The public leaf, and the opening (salt and full entry) encrypted under the month's key of the key ring.
  leaf bytea not null,
  sealed_opening bytea not null,
  opening_key text not null,
  index bigint check (index >= 0),
  unique (force_id, index)
);
-- The sequencer takes rows that have no index yet, never `id > last`: commits reorder.
create index ledger_entry_staged on sworn.ledger_entry (id) where index is null;
create index ledger_entry_recording on sworn.ledger_entry (force_id, recording_id, id) where recording_id is not null;
create index ledger_entry_camera on sworn.ledger_entry (force_id, camera_id, id) where camera_id is not null;

-- The log's head as the database knows it: a projection of the published checkpoint.
create table sworn.ledger_head (
  force_id uuid primary key references sworn.force (id),
  size bigint not null check (size >= 0),
  root bytea not null check (length(root) = 32),
  fence bigint not null default 0,
  updated_at timestamptz not null
);

select sworn.protect(t::regclass) from unnest(array['sworn.camera', 'sworn.dock', 'sworn.assignment',
  'sworn.revocation', 'sworn.revocation_list', 'sworn.breach', 'sworn.finding', 'sworn.docking_session',
  'sworn.journal_segment', 'sworn.clock_fix', 'sworn.recording', 'sworn.derivative', 'sworn.upload',
  'sworn.quarantine', 'sworn.ledger_entry', 'sworn.ledger_head']) as t;

grant select, insert, update on sworn.camera, sworn.dock, sworn.assignment, sworn.revocation_list, sworn.breach,
  sworn.finding, sworn.docking_session, sworn.recording, sworn.upload, sworn.quarantine, sworn.ledger_head to sworn_app;
grant select, insert on sworn.revocation, sworn.journal_segment, sworn.clock_fix to sworn_app;
grant select, insert, delete on sworn.derivative to sworn_app;
-- An entry is staged once; afterwards only its place in the log is added.
grant select, insert, update (index) on sworn.ledger_entry to sworn_app;
grant delete on sworn.upload to sworn_app;

-- A device is known by its certificate before its force is: one fixed question each.
grant create on schema sworn to sworn_definer;
create policy looking_up on sworn.dock for select to sworn_definer using (true);
create policy looking_up on sworn.camera for select to sworn_definer using (true);
create policy looking_up on sworn.force for select to sworn_definer using (true);
grant select on sworn.dock, sworn.camera, sworn.force to sworn_definer;
set local role sworn_definer;

create function sworn.find_dock(wanted_hash bytea)
returns table (id uuid, force_id uuid, state text, spki bytea)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select d.id, d.force_id, d.state, d.spki from sworn.dock d where d.certificate_hash = wanted_hash
$$;

-- All forces, for machinery that walks them (sequencer, retention, rotation).
create function sworn.all_forces() returns table (id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select f.id from sworn.force f order by f.id
$$;

revoke execute on function sworn.find_dock(bytea), sworn.all_forces() from public;
grant execute on function sworn.find_dock(bytea), sworn.all_forces() to sworn_platform;
set local role sworn_owner;
revoke create on schema sworn from sworn_definer;
