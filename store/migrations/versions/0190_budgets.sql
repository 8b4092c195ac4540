create table budget_limits (
    user_id text not null,
    name    text not null,
    amount  numeric check (amount >= 0),
    set_at  timestamptz not null default now(),
    primary key (user_id, name)
);
comment on table budget_limits is 'limits that were set by command, which count instead of the settings';
comment on column budget_limits.user_id is 'whose; empty for everybody''s';
comment on column budget_limits.amount is 'US dollars or tokens; null where nothing is to be limited';

create table budget_reservations (
    turn_id text not null references turns (id) on delete cascade,
    slot    text not null,
    usd     numeric not null,
    tokens  bigint not null,
    until   timestamptz not null,
    primary key (turn_id, slot)
);
comment on table budget_reservations is 'what model calls that are under way may cost at worst; gone when they are stored';
comment on column budget_reservations.slot is 'which call of its turn: step/3, tier, memory; another attempt takes its place';
comment on column budget_reservations.until is 'an attempt ends before this, so one whose worker was killed counts no longer';

create table calls_by_quarter (
    at            timestamptz not null,
    user_id       text not null,
    input_tokens  bigint not null,
    output_tokens bigint not null,
    cost_usd      numeric not null,
    unpriced_input_tokens  bigint not null,
    unpriced_output_tokens bigint not null,
    primary key (at, user_id)
);
comment on table calls_by_quarter is 'model calls summed up by quarters of an hour and people, so that a day is quickly added up';
comment on column calls_by_quarter.user_id is 'empty for people who were forgotten: it was used, whoever it was for';
comment on column calls_by_quarter.cost_usd is 'of the calls whose price is known; the tokens of the others are unpriced';
create index calls_by_quarter_of_user on calls_by_quarter (user_id);

insert into calls_by_quarter
    select date_bin('15 minutes', c.created_at, 'epoch'), t.user_id, sum(input_tokens), sum(output_tokens),
        coalesce(sum(cost_usd), 0), coalesce(sum(input_tokens) filter (where cost_usd is null), 0),
        coalesce(sum(output_tokens) filter (where cost_usd is null), 0)
    from (
        select turn_id, input_tokens, output_tokens, cost_usd, created_at from steps
        union all
        select turn_id, input_tokens, output_tokens, cost_usd, created_at from side_calls
    ) c join turns t on t.id = c.turn_id group by 1, 2;

create function add_calls(
    at timestamptz, of_user text, input bigint, output bigint, cost numeric, unpriced_input bigint, unpriced_output bigint
) returns void language sql as $$
    insert into calls_by_quarter as q values (at, of_user, input, output, cost, unpriced_input, unpriced_output)
        on conflict (at, user_id) do update set
            input_tokens = q.input_tokens + excluded.input_tokens,
            output_tokens = q.output_tokens + excluded.output_tokens,
            cost_usd = q.cost_usd + excluded.cost_usd,
            unpriced_input_tokens = q.unpriced_input_tokens + excluded.unpriced_input_tokens,
            unpriced_output_tokens = q.unpriced_output_tokens + excluded.unpriced_output_tokens
$$;

create function count_call() returns trigger language plpgsql as $$
begin
    perform add_calls(
        date_bin('15 minutes', new.created_at, 'epoch'), (select user_id from turns where id = new.turn_id),
        new.input_tokens, new.output_tokens, coalesce(new.cost_usd, 0),
        case when new.cost_usd is null then new.input_tokens else 0 end,
        case when new.cost_usd is null then new.output_tokens else 0 end);
    return null;
end $$;
create trigger steps_count after insert on steps for each row execute function count_call();
create trigger side_calls_count after insert on side_calls for each row execute function count_call();

create function keep_count() returns trigger language plpgsql as $$
begin
    perform add_calls(old.at, '', old.input_tokens, old.output_tokens, old.cost_usd,
        old.unpriced_input_tokens, old.unpriced_output_tokens);
    return null;
end $$;
create trigger calls_by_quarter_keep after delete on calls_by_quarter
    for each row when (old.user_id <> '') execute function keep_count();

-- Every limit that holds for a person and a turn, with what is used of it, and what calls under way may use at worst.
-- Prices are for a million tokens of calls whose own price is not known. Person and turn may be null.
create function budgets_of(
    of_user text, of_turn text, day_start timestamptz, settings jsonb, input_price numeric, output_price numeric
) returns table (name text, allowed numeric, used numeric, reserved numeric, origin text) language sql stable as $$
    with limits as (
        select n.name, n.place,
            case when own.name is not null then own.amount
                when everybody.name is not null then everybody.amount
                else (settings ->> n.name)::numeric end as allowed,
            case when own.name is not null then 'person'
                when everybody.name is not null then 'everybody' else 'setting' end as origin
        from unnest(array['turn-usd', 'turn-tokens', 'person-day-usd', 'person-day-tokens', 'day-usd', 'day-tokens'])
            with ordinality n (name, place)
        left join budget_limits own on own.user_id = of_user and own.name = n.name
        left join budget_limits everybody on everybody.user_id = '' and everybody.name = n.name
    ), stored as (
        select input_tokens, output_tokens, cost_usd from steps where turn_id = of_turn
        union all
        select input_tokens, output_tokens, cost_usd from side_calls where turn_id = of_turn
    ), calls as (
        select true as of_turn, false as of_user, false as today,
            coalesce(cost_usd, (input_tokens * input_price + output_tokens * output_price) / 1000000) as usd,
            input_tokens + output_tokens as tokens, false as is_reserved
        from stored
        union all
        select false, q.user_id = of_user, true,
            cost_usd + (unpriced_input_tokens * input_price + unpriced_output_tokens * output_price) / 1000000,
            input_tokens + output_tokens, false
        from calls_by_quarter q where q.at >= day_start
        union all
        select t.id = of_turn, t.user_id = of_user, true, r.usd, r.tokens, true
        from budget_reservations r join turns t on t.id = r.turn_id where r.until > clock_timestamp()
    ), sums as materialized (
        select is_reserved,
            sum(usd) filter (where of_turn) as turn_usd, sum(tokens) filter (where of_turn) as turn_tokens,
            sum(usd) filter (where today and of_user) as person_usd,
            sum(tokens) filter (where today and of_user) as person_tokens,
            sum(usd) filter (where today) as day_usd, sum(tokens) filter (where today) as day_tokens
        from calls group by is_reserved
    ), amounts as (
        select is_reserved, a.name, a.amount from sums, lateral (values
            ('turn-usd', turn_usd), ('turn-tokens', turn_tokens),
            ('person-day-usd', person_usd), ('person-day-tokens', person_tokens),
            ('day-usd', day_usd), ('day-tokens', day_tokens)) a (name, amount)
    )
    select l.name, l.allowed, coalesce(u.amount, 0), coalesce(r.amount, 0), l.origin
    from limits l
    left join amounts u on u.name = l.name and not u.is_reserved
    left join amounts r on r.name = l.name and r.is_reserved
    where l.allowed is not null order by l.place
$$;

-- Reserves what a call may cost at worst, or returns the budgets into which it does not fit. Calls pass one by one: a
-- function sees what the one before it has written once it has the lock, which a single statement would not; and
-- the lock is gone with the function, also where whoever called it is frozen. A call that only those under way leave
-- no room for may be tried again soon; else, with a step, its turn waits from then on. Who raises a limit holds the
-- same lock: so no turn that is refused by the old limit is overlooked.
create function reserve_budget(
    of_turn text, of_slot text, of_step integer, worst_usd numeric, worst_tokens bigint, lifetime interval,
    day_start timestamptz, settings jsonb, input_price numeric, output_price numeric
) returns table (name text, allowed numeric, used numeric, reserved numeric, origin text) language plpgsql as $$
declare
    fits boolean := true;
    is_used_up boolean := false;
    budget record;
    worst numeric;
begin
    perform pg_advisory_xact_lock(hashtext('clara budgets'));
    delete from budget_reservations r
        where r.until <= clock_timestamp() or (r.turn_id = of_turn and r.slot = of_slot);
    for budget in select b.* from budgets_of(
        (select t.user_id from turns t where t.id = of_turn), of_turn, day_start, settings, input_price, output_price
    ) b loop
        worst := case when budget.name like '%-usd' then worst_usd else worst_tokens end;
        continue when budget.used + budget.reserved + worst <= budget.allowed;
        fits := false;
        is_used_up := is_used_up or budget.used + worst > budget.allowed;
        return query select budget.name, budget.allowed, budget.used, budget.reserved, budget.origin;
    end loop;
    if fits then
        insert into budget_reservations
            select t.id, of_slot, worst_usd, worst_tokens, clock_timestamp() + lifetime
            from turns t where t.id = of_turn for key share;
    elsif is_used_up and of_step is not null then
        insert into waits as w (turn_id, step, call_id, tool, about, until)
            select t.id, of_step, 'budget', 'budget', 'a budget', now() + interval '3 days'
            from turns t where t.id = of_turn for key share
            on conflict (turn_id, step, call_id) do update set ended_at = null;
    end if;
    if not is_used_up then
        update waits w set ended_at = now()
            where w.turn_id = of_turn and w.step = of_step and w.call_id = 'budget' and w.ended_at is null;
    end if;
end $$;
