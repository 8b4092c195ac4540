create table plugins (
    id           text primary key,
    owner        text not null,
    name         text not null,
    kind         text not null,
    source       text not null,
    launch       jsonb not null,
    state        text not null check (state in ('installing', 'ready', 'enabled', 'disabled', 'failed', 'removing')),
    fault        text not null default '',
    generation   integer not null default 0,
    revision     integer not null default 0,
    installed_by text not null,
    installed_at timestamptz not null default now(),
    changed_at   timestamptz not null default now(),
    unique (owner, name)
);
comment on table plugins is 'MCP servers that people have installed';
comment on column plugins.owner is 'a person, or empty for everybody''s';
comment on column plugins.launch is 'the pinned command or the address; no secrets';
comment on column plugins.generation is 'grows with every change; a server that runs as an older one is ended';
comment on column plugins.revision is 'grows when its tools, or the yes to them, change';

create table plugin_tools (
    plugin_id   text not null references plugins (id) on delete cascade,
    name        text not null,
    description text not null,
    parameters  jsonb not null,
    hints       jsonb not null,
    approved    jsonb,
    present     boolean not null default true,
    seen_at     timestamptz not null default now(),
    primary key (plugin_id, name)
);
comment on table plugin_tools is 'the tools of plugins as their servers described them last';
comment on column plugin_tools.approved is 'what somebody said yes to; a tool that differs from it is off';

create table plugin_secrets (
    plugin_id text not null references plugins (id) on delete cascade,
    user_id   text not null,
    name      text not null,
    sealed    bytea not null,
    primary key (plugin_id, user_id, name)
);
comment on table plugin_secrets is 'encrypted values of variables and headers, of a person or, empty, of everybody';

create table plugin_calls (
    plugin_id    text not null references plugins (id) on delete cascade,
    user_id      text not null,
    tool         text not null,
    day          date not null,
    calls        integer not null,
    failures     integer not null,
    milliseconds bigint not null,
    primary key (plugin_id, user_id, tool, day)
);
comment on table plugin_calls is 'how often each person called which tool of a plugin';

create table plugin_boxes (
    id        text primary key,
    plugin_id text not null references plugins (id) on delete cascade,
    user_id   text not null
);
comment on table plugin_boxes is 'folders of people''s servers; one that has no row here is deleted by its worker';
