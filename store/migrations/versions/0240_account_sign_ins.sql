alter table accounts
    add column version          integer not null default 1,
    add column expires_at       timestamptz,
    add column refreshing_until timestamptz;
comment on column accounts.sealed is 'the encrypted token, or where it is renewed the tokens';
comment on column accounts.version is 'grows with every new token';
comment on column accounts.expires_at is 'of a token that is renewed; null for one that lasts';
comment on column accounts.refreshing_until is 'a worker gets a new token meanwhile, so that no other one does';

create table account_sign_ins (
    id           text primary key,
    user_id      text not null,
    service      text not null,
    sealed       bytea not null,
    url          text not null,
    conversation text,
    until        timestamptz not null,
    answer       jsonb,
    taken_at     timestamptz
);
comment on table account_sign_ins is 'accounts that are being connected in a browser, for ten minutes; each ends once';
comment on column account_sign_ins.sealed is 'the encrypted verifier (PKCE), and where the code is exchanged';
comment on column account_sign_ins.answer is 'what the browser came back with; of no use without the verifier';
comment on column account_sign_ins.taken_at is 'when the answer was used, which it is once';
create index account_sign_ins_by_person on account_sign_ins (user_id, service);
