-- Retention: classes in versions with their citations, the rules that follow from them, changes that wait for a second
-- person, holds, and destructions under way or done.

-- Two spellings of one reference are one incident: spaces and capitals make no difference.
create function sworn.incident_key(reference text) returns text language sql immutable strict
  return upper(regexp_replace(reference, '\s', '', 'g'));
grant execute on function sworn.incident_key(text) to sworn_app;

alter table sworn.recording add column incident_key text generated always as (sworn.incident_key(incident)) stored;
create index recording_incident_key on sworn.recording (force_id, incident_key) where incident_key is not null;
-- The daily run walks each class by the end of its recordings.
create index recording_class_due on sworn.recording (force_id, class, recorded_end_at, id) where state = 'collected';
-- What waits for a person: no clock, or one that is not certain.
create index recording_uncertain on sworn.recording (force_id, received_at, id)
  where state = 'collected' and (clock is null or recorded_end_at is null or clock in ('bounded', 'unbounded'));
create index recording_warned on sworn.recording (force_id, warned_at, id)
  where state = 'collected' and class is null and warned_at is not null;

create table sworn.retention_class (
  force_id uuid not null references sworn.force (id),
  class text not null check (class ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
  title text not null check (length(title) between 1 and 200),
  created_at timestamptz not null,
  primary key (force_id, class)
);

create table sworn.retention_change (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  class text not null check (class ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
  title text not null,
  period_days int check (period_days between 1 and 36500),
  review_days int check (review_days between 1 and 3650),
  citation text not null check (length(citation) between 1 and 500),
  reason text not null check (length(reason) between 1 and 2000),
  apply_to_existing boolean not null,
  state text not null check (state in ('proposed', 'confirmed', 'withdrawn', 'overtaken')),
  proposed_by uuid not null,
  proposed_at timestamptz not null,
  expires_at timestamptz not null,
  -- The dry run as it was shown: what is confirmed may do no more than this.
  effect jsonb not null,
  decided_by uuid,
  decided_at timestamptz,
  unique (force_id, id),
  check ((state = 'proposed') = (decided_at is null)),
  check (state <> 'confirmed' or decided_by <> proposed_by),
  foreign key (force_id, proposed_by) references sworn.person (force_id, id),
  foreign key (force_id, decided_by) references sworn.person (force_id, id)
);
create index retention_change_newest on sworn.retention_change (force_id, proposed_at desc);
create index retention_change_open on sworn.retention_change (force_id, class) where state = 'proposed';

-- A version is never changed. `existing_before`: it also holds for what was received before that time.
create table sworn.retention_version (
  force_id uuid not null references sworn.force (id),
  class text not null,
  version int not null check (version >= 1),
  period_days int check (period_days between 1 and 36500),
  review_days int check (review_days between 1 and 3650),
  citation text not null check (length(citation) between 1 and 500),
  effective_at timestamptz not null,
  existing_before timestamptz,
  change_id uuid,
  primary key (force_id, class, version),
  foreign key (force_id, class) references sworn.retention_class (force_id, class),
  foreign key (force_id, change_id) references sworn.retention_change (force_id, id)
);

-- What follows from the versions: which one a recording of a class has that was received in an interval. A projection.
create table sworn.retention_rule (
  force_id uuid not null references sworn.force (id),
  class text not null,
  received_from timestamptz not null,
  received_until timestamptz not null,
  version int not null,
  period_days int,
  review_days int,
  citation text not null,
  primary key (force_id, class, received_from),
  check (received_from < received_until),
  foreign key (force_id, class, version) references sworn.retention_version (force_id, class, version)
);

create table sworn.hold (
  id uuid primary key,
  force_id uuid not null references sworn.force (id),
  kind text not null check (kind in ('evidence', 'complaint', 'subject-access', 'restriction', 'scrutiny',
    'litigation', 'viewing', 'other')),
  reason text not null check (length(reason) between 1 and 2000),
  owner_id uuid not null,
  review_at timestamptz not null,
  scope text not null check (scope in ('recording', 'incident', 'event')),
  recording_id uuid,
  incident text check (length(incident) between 1 and 80),
  incident_key text generated always as (sworn.incident_key(incident)) stored,
  from_at timestamptz,
  to_at timestamptz,
  borough_id uuid,
  -- In 10^-7 degree, as a recording's.
  south int, west int, north int, east int,
  people uuid[],
  placed_by uuid not null,
  placed_at timestamptz not null,
  released_by uuid,
  released_at timestamptz,
  release_reason text check (length(release_reason) between 1 and 2000),
  unique (force_id, id),
  check ((scope = 'recording') = (recording_id is not null)),
  check ((scope = 'incident') = (incident is not null)),
  check ((scope = 'event') = (from_at is not null and to_at is not null)),
  -- Bounded, so that an index finds the events near a recording.
  check (from_at <= to_at and to_at <= from_at + interval '8784 hours'),
  check ((south is null) = (north is null) and (west is null) = (east is null) and (south is null) = (west is null)),
  check ((released_at is null) = (release_reason is null) and (released_at is null) = (released_by is null)),
  foreign key (force_id, recording_id) references sworn.recording (force_id, id),
  foreign key (force_id, borough_id) references sworn.borough (force_id, id),
  foreign key (force_id, owner_id) references sworn.person (force_id, id),
  foreign key (force_id, placed_by) references sworn.person (force_id, id),
  foreign key (force_id, released_by) references sworn.person (force_id, id)
);
create index hold_recording on sworn.hold (force_id, recording_id) where scope = 'recording' and released_at is null;
create index hold_incident on sworn.hold (force_id, incident_key) where scope = 'incident' and released_at is null;
create index hold_event on sworn.hold (force_id, to_at, from_at) where scope = 'event' and released_at is null;
create index hold_review on sworn.hold (force_id, review_at, id) where released_at is null;
create index hold_newest on sworn.hold (force_id, placed_at desc, id);

-- One row for each order to destroy: the rule as it was when it was ordered, and how far it came.
create table sworn.destruction (
  force_id uuid not null references sworn.force (id),
  entry_id bigint not null,
  recording_id uuid not null,
  ordered_at timestamptz not null,
  class text not null,
  version int not null,
  period_days int not null,
  citation text not null,
  due_at timestamptz not null,
  key_destroyed_at timestamptz,
  objects_destroyed_at timestamptz,
  cancelled_at timestamptz,
  cancelled_reason text,
  primary key (force_id, entry_id),
  check (cancelled_at is null or key_destroyed_at is null),
  foreign key (force_id, recording_id) references sworn.recording (force_id, id)
);
create unique index destruction_recording on sworn.destruction (force_id, recording_id) where cancelled_at is null;

select sworn.protect(t::regclass) from unnest(array['sworn.retention_class', 'sworn.retention_change',
  'sworn.retention_version', 'sworn.retention_rule', 'sworn.hold', 'sworn.destruction']) as t;

grant select, insert on sworn.retention_class, sworn.retention_version to sworn_app;
grant select, insert, delete on sworn.retention_rule to sworn_app;
grant select, insert, update (state, decided_by, decided_at, effect) on sworn.retention_change to sworn_app;
-- What a hold says is never changed, and a hold is never deleted: it is released.
grant select, insert, update (released_by, released_at, release_reason) on sworn.hold to sworn_app;
grant select, insert, update (key_destroyed_at, objects_destroyed_at, cancelled_at, cancelled_reason)
  on sworn.destruction to sworn_app;
