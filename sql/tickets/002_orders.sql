-- Who buys seats, from the moment they are set aside.

create table ticket_order (
	order_id	uuid		primary key,
	user_id		uuid		not null,
	event_id	uuid		not null references event,
	quantity	integer		not null
			constraint ticket_order_quantity_counts check (quantity between 1 and 100),
	total_minor	bigint		not null
			constraint ticket_order_total_counts check (total_minor >= 0),
	currency	text		not null
			constraint ticket_order_currency_form check (currency ~ '^[A-Z]{3}$'),
	status		text		not null default 'pending_payment'
			constraint ticket_order_status_known check (status in ('pending_payment', 'paid', 'expired', 'cancelled')),
	payment_method	text,
	payment_status	text,
	-- Its seats go back when it was not paid by then.
	expires_at	timestamptz	not null,
	version		bigint		not null default 1,
	created_at	timestamptz	not null default now(),
	updated_at	timestamptz	not null default now()
);
create index ticket_order_user on ticket_order (user_id, created_at);
create index ticket_order_event on ticket_order (event_id);
create index ticket_order_due on ticket_order (expires_at) where status = 'pending_payment';

select platform.track_changes('ticket_order');
