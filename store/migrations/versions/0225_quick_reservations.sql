create or replace function reserve_budget(
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
        if fits and not found then
            -- A reservation is not worth waiting for the disk: if the database crashes within a second, one call that is
            -- under way counts only once it has its answer.
            perform set_config('synchronous_commit', 'off', true);
        end if;
    end if;
end $$;
