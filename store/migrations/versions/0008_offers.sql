create table offers (
    id text primary key,
    tools jsonb not null,
    created_at timestamptz not null default now()
);

alter table turns add column offer_id text references offers;

alter table conversations add column found_tools text[] not null default '{}';

alter table tool_results add column provenance text not null default 'clara';
alter table tool_results add column files jsonb not null default '[]';
