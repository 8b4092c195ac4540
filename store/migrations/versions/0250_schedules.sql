create table schedules (
    id          text primary key,
    user_id     text not null,
    kind        text not null check (kind in ('reminder', 'prompt')),
    text        text not null,
    run_when    jsonb not null,
    zone        text not null,
    place       jsonb not null,
    state       text not null default 'active' check (state in ('active', 'paused', 'done')),
    created_at  timestamptz not null default now(),
    origin      text not null default 'person'
);
comment on table schedules is 'what people have Clara do at a time; Temporal has a schedule for each that is not done';
comment on column schedules.place is 'the conversation in which it was made, and for whom';
create index schedules_of_person on schedules (user_id, created_at);

create table schedule_runs (
    schedule_id text not null,
    due_at      timestamptz not null,
    user_id     text not null default '',
    begun_at    timestamptz not null default now(),
    ended_at    timestamptz,
    state       text not null default 'begun' check (state in ('begun', 'told', 'asked', 'done', 'failed', 'skipped')),
    said        text not null default '',
    primary key (schedule_id, due_at)
);
comment on table schedule_runs is 'runs of schedules; those without a person are of the operator''s file';

create table operator_schedules (
    name        text primary key,
    definition  jsonb not null,
    first_seen  timestamptz not null default now()
);
comment on table operator_schedules is 'the operator''s file as it was last applied';

create table time_zones (
    user_id     text primary key,
    zone        text not null
);
comment on table time_zones is 'the time zone that a person has set, where their platform does not tell it';
