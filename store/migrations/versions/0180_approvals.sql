create table approvals (
    id          text primary key,
    place       bigint generated always as identity,
    turn_id     text not null references turns (id) on delete cascade,
    step        integer not null,
    call_id     text not null,
    card        text not null,
    user_id     text not null,
    tool        text not null,
    tool_hash   text not null,
    binding     text not null,
    view        text not null,
    why         text not null,
    lasting     boolean not null,
    state       text not null default 'open' check (state in ('open', 'allowed', 'denied', 'lapsed')),
    asked_at    timestamptz not null default now(),
    until       timestamptz not null,
    answered_at timestamptz,
    answered_by text,
    told        boolean not null default false,
    unique (turn_id, step, call_id)
);
comment on table approvals is 'tool calls that run only if somebody says yes';
comment on column approvals.card is 'what is asked together, about the calls of one answer';
comment on column approvals.binding is 'hash of the tool and its exact arguments: a yes is for these alone';
comment on column approvals.view is 'what it will do, as the person reads it';
comment on column approvals.lasting is 'a yes may be given for later calls of this tool as well';
comment on column approvals.told is 'the turn knows of the answer; until then any worker tells it';
create index approvals_by_card on approvals (card);
create index approvals_open on approvals (user_id) where state = 'open';
create index approvals_untold on approvals (answered_at) where state in ('allowed', 'denied') and not told;

create table grants (
    id              bigint generated always as identity primary key,
    user_id         text not null,
    tool            text not null,
    tool_hash       text not null,
    conversation_id text not null default '',
    given_at        timestamptz not null default now(),
    used_at         timestamptz not null default now(),
    unique (user_id, tool, tool_hash, conversation_id)
);
comment on table grants is 'tools that a person allowed without being asked again';
comment on column grants.tool_hash is 'of what the tool was when it was allowed: another one is asked about again';
comment on column grants.conversation_id is 'only there; empty for everywhere';
