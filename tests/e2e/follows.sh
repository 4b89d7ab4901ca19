#!/bin/bash
# Stories of follows: what somebody wants to hear of, and what the others hear of that.
cd "$(dirname "$0")"
. ./lib.sh
. ./stack.sh

nothing=01890000-0000-7000-8000-000000000000

# A game with its teams, competition and sport, all new; sets their ids.
a_game()
{
	sport=$(unique Sport) home=$(unique Home) away=$(unique Away)
	expect 200 POST /api/sports/feed "$(jq -cn --arg sport "$sport" --arg home "$home" --arg away "$away" --arg cup "$(unique Cup)" \
		--arg id "$(unique game)" '{ provider: $id, events: [{ provider_event_id: $id, provider_game_id: $id, type: "comment",
		occurred_at: "2030-05-01T12:00:00Z", game: { sport_category: $sport, competition: $cup, team_1: $home, team_2: $away,
		start_time: "2030-05-01T12:00:00Z" } }] }')" -H "Authorization: Bearer $(service_token)"
	IFS='|' read -r game_id team_id competition_id category_id < <(sql "select g.game_id, g.team_1, c.competition_id, c.category_id
		from sports.game g join sports.team t on t.team_id = g.team_1
		join sports.season using (season_id) join sports.competition c using (competition_id) where t.name = '$home'")
}

# change STATUS METHOD KIND ID
change()
{
	expect "$1" "$2" /api/sports/follows "{\"target_kind\":\"$3\",\"target_id\":\"$4\"}" -H "$as"
}

follows()	# what the list says, the latest first
{
	expect 200 GET /api/sports/follows -H "$as"
	jq -r '[.data[] | "\(.target_kind) \(.name)"] | join("; ")' "$scratch/body"
}

told()	# what left for the others, in its order
{
	sql "select string_agg(concat_ws(' ', type, version, data ->> 'target_kind', data ->> 'name'), '; ' order by id)
		from sports.outbox where data ->> 'user_id' = '$user_id' and type ~ 'follow'"
}

what_is_followed_is_listed_and_told_to_the_others()
{
	a_game
	person ann
	change 201 POST team "$team_id"
	same "the answer" "team $team_id $home" "$(jq -r '.data | "\(.target_kind) \(.target_id) \(.name)"' "$scratch/body")"
	change 201 POST game "$game_id"
	change 201 POST competition "$competition_id"
	change 201 POST sport "$category_id"
	change 200 DELETE team "$team_id"
	cup=$(sql "select name from sports.competition where competition_id = '$competition_id'")
	same "the list" "sport $sport; competition $cup; game $home - $away" "$(follows)"
	same "what was told" "sports.followed 1 team $home; sports.followed 2 game $home - $away; sports.followed 3 competition $cup; sports.followed 4 sport $sport; sports.unfollowed 5 team $home" \
		"$(told)"
}

following_twice_is_following_once()
{
	a_game
	person ann
	change 201 POST team "$team_id"
	first=$(json data.followed_at)
	change 201 POST team "$team_id"
	same "since when" "$first" "$(json data.followed_at)"
	same "the list" "team $home" "$(follows)"
	same "what was told" "sports.followed 1 team $home" "$(told)"
	change 200 DELETE team "$team_id"
	change 404 DELETE team "$team_id"
	same "what was told" "sports.followed 1 team $home; sports.unfollowed 2 team $home" "$(told)"
}

the_same_at_once_counts_once()
{
	a_game
	person ann
	for racer in 1 2 3 4 5 6; do
		# shellcheck disable=SC2086
		$CURL -o /dev/null -w '%{http_code}\n' -H "$as" -H 'Content-Type: application/json' \
			-d "{\"target_kind\":\"team\",\"target_id\":\"$team_id\"}" "$BASE/api/sports/follows" >"$scratch/racer$racer" &
	done
	wait
	same "answers" '6 201' "$(sort "$scratch"/racer? | uniq -c | sed 's/^ *//')"
	same "what was told" "sports.followed 1 team $home" "$(told)"
}

what_is_not_there_cannot_be_followed()
{
	a_game
	person ann
	for kind in team game competition sport; do
		change 404 POST "$kind" "$nothing"
	done
	change 404 POST game "$team_id"
	change 422 POST player "$team_id"
	expect_problem invalid target_kind
	change 422 POST team everything
	expect_problem invalid target_id
	expect 401 POST /api/sports/follows "{\"target_kind\":\"team\",\"target_id\":\"$team_id\"}"
	expect 401 GET /api/sports/follows
	same "the list" "" "$(follows)"
	same "what was told" "" "$(told)"
}

nobody_follows_more_than_a_thousand()
{
	a_game
	person ann
	sql "insert into sports.follow (user_id, target_kind, target_id)
		select '$user_id', 'team', gen_random_uuid() from generate_series(1, 1000)"
	change 409 POST team "$team_id"
	expect_problem too_many_follows
	sql "delete from sports.follow where follow_id = (select follow_id from sports.follow where user_id = '$user_id' limit 1)"
	change 201 POST team "$team_id"
}

the_list_goes_on_by_its_cursor()
{
	a_game
	person ann
	change 201 POST team "$team_id"
	change 201 POST game "$game_id"
	change 201 POST sport "$category_id"
	expect 200 GET '/api/sports/follows?limit=2' -H "$as"
	same "the first page" 'sport game' "$(jq -r '[.data[].target_kind] | join(" ")' "$scratch/body")"
	next=$(header Link | sed -n 's|.*<[^/]*//[^/]*\([^>]*\)>; rel="next".*|\1|p')
	expect 200 GET "${next:-/none}" -H "$as"
	same "the second page" team "$(jq -r '[.data[].target_kind] | join(" ")' "$scratch/body")"
	same "the end" '' "$(header Link)"
}

each_sees_his_own()
{
	a_game
	person ann
	change 201 POST team "$team_id"
	person bob
	same "the other's list" "" "$(follows)"
	change 404 DELETE team "$team_id"
}

a_new_sport_is_told_to_the_others()
{
	a_game
	same "what was told" "1|$category_id|$sport" "$(sql "select version, data ->> 'category_id', data ->> 'name'
		from sports.outbox where type = 'sports.category_added' and aggregate_id = '$category_id'")"
}

tell what_is_followed_is_listed_and_told_to_the_others \
    following_twice_is_following_once \
    the_same_at_once_counts_once \
    what_is_not_there_cannot_be_followed \
    nobody_follows_more_than_a_thousand \
    the_list_goes_on_by_its_cursor \
    each_sees_his_own \
    a_new_sport_is_told_to_the_others
