create table conversations (
    id             text primary key,
    platform       text not null,
    channel        text not null,
    tier           text check (tier in ('high', 'mid', 'low')),
    fresh_after    integer not null default 0,
    context_tokens integer,
    created_at     timestamptz not null default now()
);
comment on column conversations.fresh_after is 'turns up to this position are no longer read by the model';
comment on column conversations.context_tokens is 'learned: the provider refused more than this';

create table turns (
    id              text primary key,
    conversation_id text not null references conversations (id) on delete cascade,
    position        integer not null,
    user_id         text not null,
    message         jsonb not null,
    status          text not null default 'running' check (status in ('running', 'completed', 'stopped', 'failed')),
    tier            text,
    reply           text,
    started_at      timestamptz not null default now(),
    ended_at        timestamptz,
    shown_at        timestamptz,
    unique (conversation_id, position)
);
comment on column turns.id is 'id of the workflow that answers the message';
comment on column turns.shown_at is 'when the person was shown the reply';
comment on column turns.position is 'order in the conversation, which answers one message at a time';
create index turns_by_user on turns (user_id, started_at desc);

create table steps (
    turn_id            text not null references turns (id) on delete cascade,
    step               integer not null,
    parts              jsonb not null,
    provider           text not null,
    model              text not null,
    route              integer not null default 0,
    input_tokens       integer not null,
    output_tokens      integer not null,
    cached_tokens      integer not null,
    cache_write_tokens integer not null,
    cost_usd           numeric(12, 6),
    created_at         timestamptz not null default now(),
    primary key (turn_id, step)
);

create table blobs (
    id              uuid primary key,
    owner           text not null,
    name            text not null,
    media_type      text not null,
    size            bigint not null,
    data            bytea not null,
    created_at      timestamptz not null default now()
);
alter table blobs alter column data set storage external;
create index blobs_by_owner on blobs (owner);

create table tool_results (
    turn_id    text not null references turns (id) on delete cascade,
    step       integer not null,
    call_id    text not null,
    tool       text not null,
    preview    text not null,
    is_error   boolean not null,
    ambiguous  boolean not null default false,
    size       bigint not null,
    blob_id    uuid references blobs (id) on delete set null,
    created_at timestamptz not null default now(),
    primary key (turn_id, step, call_id)
);

create table effects (
    key        text primary key,
    turn_id    text not null references turns (id) on delete cascade,
    tool       text not null,
    state      text not null check (state in ('intended', 'committed', 'failed', 'ambiguous')),
    arguments  text not null,
    result     text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
comment on column effects.arguments is 'hash: the arguments themselves are kept with the step';
create index effects_by_turn on effects (turn_id);

create table payloads (
    digest     bytea primary key,
    data       bytea not null,
    created_at timestamptz not null default now()
);
alter table payloads alter column data set storage external;

create table notes (
    user_id    text not null,
    title      text not null,
    text       text not null,
    updated_at timestamptz not null default now(),
    primary key (user_id, title)
);
