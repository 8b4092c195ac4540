create table side_calls (
    id                 bigint generated always as identity primary key,
    turn_id            text not null references turns (id) on delete cascade,
    purpose            text not null check (purpose in ('tier', 'memory')),
    provider           text not null,
    model              text not null,
    input_tokens       integer not null,
    output_tokens      integer not null,
    cached_tokens      integer not null,
    cache_write_tokens integer not null,
    cost_usd           numeric(12, 6),
    created_at         timestamptz not null default now()
);
comment on table side_calls is 'model calls for a turn beside its answers; repeated ones were paid for again and count again';
create index side_calls_of_turn on side_calls (turn_id);
