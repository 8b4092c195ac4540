create table chat_actions (
    key        text primary key,
    turn_id    text not null references turns (id) on delete cascade,
    kind       text not null,
    arguments  jsonb not null,
    until      timestamptz not null,
    begun_at   timestamptz,
    state      text check (state in ('done', 'refused')),
    outcome    text,
    created_at timestamptz not null default now()
);
comment on table chat_actions is 'what tools ask an adapter to do in a chat, and what came of it';
comment on column chat_actions.key is 'of the tool call: a second attempt joins the first';
comment on column chat_actions.until is 'it may not begin, or go on, after this';
comment on column chat_actions.begun_at is 'before the first request that changes something; without a state after "until" its outcome is unknown';
comment on column chat_actions.state is 'null while nothing is known';
comment on column chat_actions.outcome is 'what the model reads: what was found or made, or why it was refused';
create index chat_actions_by_age on chat_actions (created_at);
create index chat_actions_of_turn on chat_actions (turn_id);

comment on column discord_sent.turn_id is 'id of the turn, notice/<key> or chat/<key>';
create index discord_sent_by_message on discord_sent (message_id);
