-- What is told on the channel of an event, "event:<event_id>": how many seats are free, when their number changed.
-- Nothing is written for it by who orders: what changed since the last look is found by the transactions that changed it.

create table seats_push (
	event_id	uuid		primary key references event on delete cascade,
	available	integer		not null
);

-- Every transaction before seen_xid was over at the last look.
create table seats_look (
	seen_xid	xid8		not null,
	looked_at	timestamptz	not null
);
create unique index seats_look_is_one on seats_look ((true));
insert into seats_look (seen_xid, looked_at)
values ('0', now());

-- A frame for each event on sale whose free seats are not those of its last frame, four a second of each; how many.
-- Of an event that never had a frame, all seats were free.
create function push_seats()
returns integer
language plpgsql
set search_path from current
set enable_seqscan = off
as $$
declare
	now_xid xid8;
	old_xid xid8;
	pushed integer;
begin
	-- Not a lock of the row: that would be written, and an idle shop writes nothing.
	if not pg_try_advisory_xact_lock(hashtext(current_schema() || ' push seats')) then
		return 0;
	end if;
	select seen_xid into old_xid
	  from seats_look
	 where looked_at <= now() - interval '240 milliseconds';
	if not found then
		return 0;
	end if;
	now_xid := pg_snapshot_xmin(pg_current_snapshot());
	with news as materialized (
		select e.event_id, e.total_seats - e.reserved - e.sold as available
		  from event e
		  left join seats_push p on p.event_id = e.event_id
		 -- Not the greater one: a restored database counts its transactions anew.
		 where e.changed_xid >= least(old_xid, now_xid) and e.state = 'on_sale'
		   and e.total_seats - e.reserved - e.sold <> coalesce(p.available, e.total_seats)
	), said as (
		insert into seats_push (event_id, available)
		select event_id, available from news
		on conflict (event_id) do update set available = excluded.available
	)
	insert into outbox (channel, data)
	select 'event:' || event_id,
	       jsonb_build_object('type', 'seats', 'event_id', event_id, 'available_seats', available)
	  from news;
	get diagnostics pushed = row_count;
	if pushed > 0 or exists (select from event where changed_xid >= old_xid and changed_xid < now_xid) then
		update seats_look set seen_xid = now_xid, looked_at = now();
	end if;
	return pushed;
end
$$;
