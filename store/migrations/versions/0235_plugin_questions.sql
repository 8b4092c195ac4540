create table plugin_questions (
    id          text primary key,
    turn_id     text not null references turns (id) on delete cascade,
    step        integer not null,
    call_id     text not null,
    user_id     text not null,
    plugin      text not null,
    question    jsonb not null,
    state       text not null default 'open' check (state in ('open', 'accepted', 'declined')),
    content     jsonb,
    asked_at    timestamptz not null default now(),
    until       timestamptz not null,
    answered_at timestamptz,
    told        boolean not null default false
);
comment on table plugin_questions is 'what plugins want to know of their person before a call goes on';
comment on column plugin_questions.question is 'the server''s own words';
comment on column plugin_questions.told is 'the turn knows of the answer; until then any worker tells it';
create index plugin_questions_open on plugin_questions (user_id) where state = 'open';
create index plugin_questions_untold on plugin_questions (answered_at) where state <> 'open' and not told;
