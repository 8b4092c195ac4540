create table accounts (
    user_id      text not null,
    service      text not null,
    login        text not null,
    base_url     text not null,
    scopes       text[] not null,
    sealed       bytea not null,
    connected_at timestamptz not null default now(),
    fault        text not null default '',
    primary key (user_id, service)
);
comment on table accounts is 'accounts of people with other services';
comment on column accounts.sealed is 'the encrypted token';
comment on column accounts.fault is 'why it cannot be used any more; empty while it can';

create table account_proposals (
    reference text primary key,
    user_id   text not null,
    service   text not null,
    base_url  text not null,
    sealed    bytea not null,
    made_at   timestamptz not null default now()
);
comment on table account_proposals is 'tokens that somebody has typed and that are being checked';
