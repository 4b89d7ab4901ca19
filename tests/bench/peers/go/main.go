// The demo domain's public reads on net/http and pgx.
package main

import (
	"context"
	"encoding/base64"
	"errors"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgtype"
	"github.com/jackc/pgx/v4"
	"github.com/jackc/pgx/v4/pgxpool"
)

const columns = `select item_id, name, description, price_minor, currency, available, starts_at from item `

const (
	oneItem   = columns + `where item_id = $1`
	pageItems = columns + `where (starts_at, item_id) > ($1, $2) order by starts_at, item_id limit $3`
)

type server struct{ pool *pgxpool.Pool }

func main() {
	config, err := pgxpool.ParseConfig(os.Getenv("DSN"))
	if err != nil {
		log.Fatal(err)
	}
	config.MaxConns = 8
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.Prepare(ctx, "one_item", oneItem); err != nil {
			return err
		}
		_, err := conn.Prepare(ctx, "page_items", pageItems)
		return err
	}
	pool, err := pgxpool.ConnectConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	s := server{pool}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/demo/items", s.page)
	mux.HandleFunc("/api/demo/items/", s.one)
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}

func (s server) one(w http.ResponseWriter, r *http.Request) {
	var id pgtype.UUID
	if id.Set(strings.TrimPrefix(r.URL.Path, "/api/demo/items/")) != nil {
		problem(w, http.StatusNotFound, "not_found")
		return
	}
	var it item
	err := s.pool.QueryRow(r.Context(), "one_item", id).Scan(it.columns()...)
	if errors.Is(err, pgx.ErrNoRows) {
		problem(w, http.StatusNotFound, "not_found")
		return
	}
	if err != nil {
		log.Print(err)
		problem(w, http.StatusServiceUnavailable, "unavailable")
		return
	}
	w.Header().Set("Cache-Control", "private, no-store")
	send(w, it.appendTo(make([]byte, 0, 512)))
}

func (s server) page(w http.ResponseWriter, r *http.Request) {
	after, limit, ok := position(r)
	if !ok {
		problem(w, http.StatusUnprocessableEntity, "invalid_input")
		return
	}
	// One more row than asked for tells whether there is a next page.
	rows, err := s.pool.Query(r.Context(), "page_items", &after.startsAt, &after.id, limit+1)
	if err != nil {
		log.Print(err)
		problem(w, http.StatusServiceUnavailable, "unavailable")
		return
	}
	defer rows.Close()
	var it item
	last, count, targets := after, 0, it.columns()
	body := append(make([]byte, 0, 512*(limit+1)), '[')
	for rows.Next() {
		if count++; count > limit {
			continue
		}
		if err = rows.Scan(targets...); err != nil {
			break
		}
		if count > 1 {
			body = append(body, ',')
		}
		body = it.appendTo(body)
		last = cursor{it.startsAt, it.id}
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		log.Print(err)
		problem(w, http.StatusServiceUnavailable, "unavailable")
		return
	}
	if count > limit {
		w.Header().Set("Link", "</api/demo/items?limit="+strconv.Itoa(limit)+"&cursor="+last.String()+`>; rel="next"`)
	}
	w.Header().Set("Cache-Control", "max-age=1, stale-while-revalidate=1")
	send(w, append(body, ']'))
}

// A cursor is the sort key of the last row seen.
type cursor struct {
	startsAt pgtype.Timestamptz
	id       pgtype.UUID
}

func (c cursor) String() string {
	text := c.startsAt.Time.UTC().Format(time.RFC3339Nano) + "|" + string(appendUUID(nil, c.id.Bytes))
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

func position(r *http.Request) (after cursor, limit int, ok bool) {
	query, limit := r.URL.Query(), 20
	if text := query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 100 {
			return after, 0, false
		}
		limit = n
	}
	after.startsAt = pgtype.Timestamptz{Status: pgtype.Present, InfinityModifier: pgtype.NegativeInfinity}
	after.id.Status = pgtype.Present
	if text := query.Get("cursor"); text != "" {
		plain, err := base64.RawURLEncoding.DecodeString(text)
		parts := strings.Split(string(plain), "|")
		if err != nil || len(parts) != 2 {
			return after, 0, false
		}
		at, err := time.Parse(time.RFC3339Nano, parts[0])
		if err != nil || after.startsAt.Set(at) != nil || after.id.Set(parts[1]) != nil {
			return after, 0, false
		}
	}
	return after, limit, true
}

func send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}

func problem(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	w.Write([]byte(`{"status":` + strconv.Itoa(status) + `,"code":"` + code + `"}`))
}
