package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// openCity starts the fictitious city on a database, with its directory.
func openCity(t *testing.T, database string) *demoHouse {
	t.Helper()
	if !demo.SlapdInstalled() {
		t.Fatal("this test runs a real directory; as root: " + demo.SlapdPackages)
	}
	h, err := openDemo(t.Context(), demoOptions{
		folder: t.TempDir(), database: database, start: demo.Start, directory: true, log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	if err := h.play(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

// databaseOf: on SQLite the demo makes its own file.
func databaseOf(url string) string {
	if strings.Contains(url, "://") {
		return url
	}
	return ""
}

// verdict is what a door says of a person.
type verdict struct {
	Allowed bool
	Codes   []string
	Advice  []string
}

// TestTheSixtyPeople makes the standard check of each, through every door, on
// both databases. What no advice is named for may have some.
func TestTheSixtyPeople(t *testing.T) {
	meibotest.EachEmpty(t, func(t *testing.T, url string) {
		h := openCity(t, databaseOf(url))
		access := dialAccess(t, h.grpc)
		for _, p := range demo.People {
			t.Run(p.ID, func(t *testing.T) {
				want := verdict{p.Codes[0] == "ALLOW", p.Codes, p.Advice}
				for door, got := range map[string]verdict{
					"JSON": byJSON(t, h.city, p), "AuthZEN": byAuthZEN(t, h.city, p), "gRPC": byGRPC(t, access, h.city, p),
				} {
					want := want
					switch {
					case p.Advice == nil:
						got.Advice = nil
					case door != "JSON": // by which it was used before
						want.Advice = slices.DeleteFunc(slices.Clone(p.Advice), func(code string) bool { return code == "ADV_RIGHT_UNUSED" })
					}
					if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("%s (-want +got):\n%s\n%s", door, diff, p.Because)
					}
				}
			})
		}
		verifies(t, h, 3*len(demo.People))
	})
}

func byJSON(t *testing.T, c *demo.City, p demo.Person) verdict {
	t.Helper()
	a, err := c.Check(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return verdict{a.Allowed, a.Codes, a.Advice}
}

func byAuthZEN(t *testing.T, c *demo.City, p demo.Person) verdict {
	t.Helper()
	q := c.Question(p)
	body := map[string]any{
		"subject": map[string]any{"type": "person", "id": q["person"]}, "action": map[string]any{"name": q["action"]},
		"resource": map[string]any{"type": "asset", "id": q["asset"]},
		"context":  map[string]any{"contract": q["contract"], "purpose": q["purpose"]},
	}
	var answer struct {
		Decision bool
		Context  struct {
			Codes  []string
			Advice []string
		}
	}
	if err := c.Door.Do(t.Context(), c.SystemKey(p), "POST", "/access/v1/evaluation", body, &answer); err != nil {
		t.Fatal(err)
	}
	return verdict{answer.Decision, answer.Context.Codes, answer.Context.Advice}
}

func dialAccess(t testing.TB, address string) pb.AccessServiceClient {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return pb.NewAccessServiceClient(conn)
}

func byGRPC(t *testing.T, client pb.AccessServiceClient, c *demo.City, p demo.Person) verdict {
	t.Helper()
	q := c.Question(p)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+c.SystemKey(p))
	d, err := client.CheckAccess(ctx, &pb.CheckAccessRequest{
		Person: q["person"].(string), Contract: q["contract"].(string), Asset: q["asset"].(string), Action: q["action"].(string),
		Purpose: q["purpose"].(string),
	})
	if err != nil {
		t.Fatal(err)
	}
	return verdict{d.Allowed, d.Codes, d.Advice}
}

// verifies stops the server and checks the whole ledger.
func verifies(t *testing.T, h *demoHouse, decisions int) {
	t.Helper()
	cfg, err := readConfig(h.folder + "/meibo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	public, err := readKey(cfg.path(cfg.Keys.LogPublic), false)
	if err != nil {
		t.Fatal(err)
	}
	data, err := cfg.dataKey()
	if err != nil {
		t.Fatal(err)
	}
	found, err := ledger.Verify(context.Background(), cfg.database(), string(public), data, wallClock, func(string, int64, int64) {})
	if err != nil {
		t.Fatal(err)
	}
	all := everything(t, cfg.database())
	for _, p := range demo.People {
		for _, text := range []string{p.Name, p.Kana, p.Latin, p.Alias, p.FormerName} {
			if text != "" && bytes.Contains(all, []byte(text)) {
				t.Errorf("the database names %s", p.ID)
			}
		}
		if bytes.Contains(all, []byte(`"`+p.Login()+`"`)) {
			t.Errorf("the database says the login of %s", p.ID)
		}
	}
	if bytes.Contains(all, []byte("%PDF")) || bytes.Contains(all, []byte(hex.EncodeToString([]byte("%PDF")))) || !bytes.Contains(all, []byte("A02")) {
		t.Error("documents lie readable in the database, or nothing does")
	}
	if found.Decisions < int64(decisions) || found.Entries < 200 {
		t.Errorf("verified %+v", found)
	}
}

// everything is all that lies in a database: on SQLite the files, on PostgreSQL every
// row of every table as text.
func everything(t *testing.T, database string) (all []byte) {
	t.Helper()
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(database, "://") {
		files, err := filepath.Glob(strings.TrimSuffix(database, ".db") + "*")
		check(err)
		for _, f := range files {
			content, err := os.ReadFile(f)
			check(err)
			all = append(all, content...)
		}
		return all
	}
	db, err := sql.Open("pgx", database)
	check(err)
	defer db.Close()
	var query string
	check(db.QueryRow(`SELECT string_agg(format('SELECT CAST(t AS TEXT) FROM %I t', tablename), ' UNION ALL ') FROM pg_tables
		WHERE schemaname = current_schema()`).Scan(&query))
	rows, err := db.Query(query)
	check(err)
	defer rows.Close()
	for rows.Next() {
		var row string
		check(rows.Scan(&row))
		all = append(append(all, row...), '\n')
	}
	check(rows.Err())
	return all
}

// TestTheStoryWithoutADirectory: where no slapd is installed, pledges are signed
// on paper and the roster's own state speaks.
func TestTheStoryWithoutADirectory(t *testing.T) {
	h, err := openDemo(t.Context(), demoOptions{folder: t.TempDir(), start: demo.Start, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	if err := h.play(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, p := range demo.People {
		want := p.Codes[0]
		if p.ID == "E022" || p.ID == "E039" { // disabled, or moved, in a directory that is not there
			want = "ALLOW"
		}
		if a, err := h.city.Check(t.Context(), p); err != nil || a.PrimaryCode != want {
			t.Errorf("%s: %s, want %s, %v", p.ID, a.PrimaryCode, want, err)
		}
	}
	var told bytes.Buffer
	story := demo.Story{City: h.city, Out: &told}
	if err := story.Tell(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, &told)
	}
}

// TestTheStoryOnItsOwnDirectory: where no slapd is installed, the directory's part is
// told all the same, on a small server that speaks the real protocol.
func TestTheStoryOnItsOwnDirectory(t *testing.T) {
	h, err := openDemo(t.Context(), demoOptions{
		folder: t.TempDir(), start: demo.Start, directory: true, tree: true, log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.close)
	if err := h.play(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, p := range demo.People {
		if a, err := h.city.Check(t.Context(), p); err != nil || a.PrimaryCode != p.Codes[0] {
			t.Errorf("%s: %s, want %s, %v", p.ID, a.PrimaryCode, p.Codes[0], err)
		}
	}
	var told bytes.Buffer
	story := demo.Story{City: h.city, Out: &told}
	if err := story.Tell(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, &told)
	}
	if !strings.Contains(told.String(), "disabled in the directory") {
		t.Errorf("the directory took no part:\n%s", &told)
	}
}

func TestTheStory(t *testing.T) {
	meibotest.EachEmpty(t, func(t *testing.T, url string) {
		h := openCity(t, databaseOf(url))
		var told bytes.Buffer
		story := demo.Story{City: h.city, Out: &told}
		if err := story.Tell(t.Context()); err != nil {
			t.Fatalf("%v\n%s", err, &told)
		}
		if err := h.stop(); err != nil {
			t.Fatal(err)
		}
		verifies(t, h, 7)
		for _, m := range h.city.Sink.Mails() {
			for _, p := range demo.People {
				if strings.Contains(m.Text()+m.Subject(), p.Name) || strings.Contains(m.Text(), p.Kana) {
					t.Errorf("a mail names %s", p.ID)
				}
			}
		}
	})
}
