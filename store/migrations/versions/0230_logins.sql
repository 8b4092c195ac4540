create table plugin_logins (
    plugin_id        text not null references plugins (id) on delete cascade,
    user_id          text not null,
    sealed           bytea not null,
    version          integer not null default 1,
    expires_at       timestamptz,
    lost_at          timestamptz,
    refreshing_until timestamptz,
    connected_at     timestamptz not null default now(),
    primary key (plugin_id, user_id)
);
comment on table plugin_logins is 'how a person is known to the server of a plugin';
comment on column plugin_logins.sealed is 'encrypted tokens, and what is needed to get new ones';
comment on column plugin_logins.version is 'grows with every new token';
comment on column plugin_logins.expires_at is 'of the access token; null if the server did not say';
comment on column plugin_logins.lost_at is 'since when the server no longer takes it, so that the person has to connect again';
comment on column plugin_logins.refreshing_until is 'a worker gets a new token meanwhile, so that no other one does';

create table plugin_login_requests (
    id           text primary key,
    plugin_id    text not null references plugins (id) on delete cascade,
    user_id      text not null,
    sealed       bytea not null,
    url          text not null,
    conversation text,
    until        timestamptz not null,
    answer       jsonb,
    taken_at     timestamptz
);
comment on table plugin_login_requests is 'logins that have begun, for ten minutes; each ends once';
comment on column plugin_login_requests.sealed is 'the encrypted verifier (PKCE), and where the code is exchanged';
comment on column plugin_login_requests.answer is 'what the browser came back with; of no use without the verifier';
comment on column plugin_login_requests.taken_at is 'when the answer was used, which it is once';
create index plugin_login_requests_by_person on plugin_login_requests (user_id, plugin_id);
