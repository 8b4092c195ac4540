alter table effects
    add column label      text        not null default '',
    add column attempt    text        not null default '',
    add column runs       integer     not null default 1,
    add column fault      text,
    add column unanswered integer     not null default 0,
    add column doubted    boolean     not null default false,
    add column begun_at   timestamptz not null default now(),
    -- What older code begins runs for ten minutes at most.
    add column arrives_by timestamptz not null default now() + interval '11 minutes';
comment on column effects.label is 'for people: which of several writes with the same tool it is';
comment on column effects.attempt is 'which attempt began the write last; only that one settles it';
comment on column effects.fault is 'how that attempt ended without an outcome, if it lived to say so';
comment on column effects.unanswered is 'looks at the outcome, after arrives_by, that the service did not answer';
comment on column effects.doubted is 'the reply said that the outcome was not known yet';
comment on column effects.arrives_by is 'after this the request can no longer take effect unseen';

alter table turns add column correction text;
comment on column turns.correction is 'added to the reply after the turn had ended';
