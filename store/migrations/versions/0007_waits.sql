create table waits (
    turn_id  text not null references turns (id) on delete cascade,
    step     integer not null,
    call_id  text not null,
    tool     text not null,
    about    text not null,
    begun_at timestamptz not null default now(),
    until    timestamptz not null,
    ended_at timestamptz,
    primary key (turn_id, step, call_id)
);
comment on table waits is 'tool calls whose result comes from outside; the turn lets others pass meanwhile';
comment on column waits.about is 'one line for people: what is waited for';
create index waits_open on waits (turn_id) where ended_at is null;
