package main

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/xuri/excelize/v2"
	_ "modernc.org/sqlite"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestStories tells each requirement as a story, on both databases. A story
// begins with the city as it is on its first day: everything is registered,
// everybody has a key, nobody is on a roster.
//
// The server is this test's own; the commands are a program built without the race
// detector, which would take most of their time to begin.
func TestStories(t *testing.T) {
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Dir(path)
	meibotest.EachEmpty(t, func(t *testing.T, url string) {
		postgres := strings.Contains(url, "://")
		testscript.Run(t, testscript.Params{
			Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
			Setup: func(e *testscript.Env) error {
				s := &story{t: t}
				if postgres {
					s.database = meibotest.Postgres(t)
				}
				e.Values[storyKey{}] = s
				e.Setenv("PATH", program+string(os.PathListSeparator)+e.Getenv("PATH"))
				e.Defer(s.close)
				return nil
			},
			Condition: func(name string) (bool, error) {
				if name == "postgres" {
					return postgres, nil
				}
				return false, fmt.Errorf("no condition %q", name)
			},
			Cmds: map[string]func(*testscript.TestScript, bool, []string){
				"city": cmdCity, "as": cmdAs, "json": cmdJSON, "clock": cmdClock, "mail": cmdMail, "ldap": cmdLDAP, "sql": cmdSQL, "lies": cmdLies,
				"halt": cmdHalt, "rows": cmdRows, "cp932": cmdCP932, "book": cmdBook, "saved": cmdSaved, "answer": cmdAnswer, "appended": cmdAppended,
				"certificate": cmdCertificate, "fill": cmdFill, "decide": cmdDecide, "metric": cmdMetric,
			},
		})
	})
}

type storyKey struct{}

// A story is what one script plays in.
type story struct {
	t        *testing.T
	database string
	house    *demoHouse
}

func (s *story) close() {
	if s.house != nil {
		s.house.close()
	}
}

func storyOf(ts *testscript.TestScript) *story { return ts.Value(storyKey{}).(*story) }

// accessGroup is a group that a system lets in who know nothing but groups.
const accessGroup = "cn=tax-input,ou=groups,dc=kakuu,dc=example"

// city [directory] [group] [seal] [answers=FILE] [people=FILE] [k1=FILE] starts the city; 15 October 2026, 10:00, unless the clock is
// moved.
func cmdCity(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	var groups []groupConfig
	if slices.Contains(args, "group") {
		groups = append(groups, groupConfig{DN: accessGroup, System: "P01", Contract: "C01", Asset: "A02", Action: "view", Purpose: "U.TAX.RES.ASSESS.INPUT"})
	}
	h, err := openDemo(s.t.Context(), demoOptions{groups: groups,
		folder: ts.Getenv("WORK") + "/city", database: s.database, start: demo.AsOf, directory: slices.Contains(args, "directory"), seal: slices.Contains(args, "seal"),
		answers: fileOf(ts, args, "answers="), people: fileOf(ts, args, "people="), changes: changeRoots(ts, args), log: slog.New(slog.DiscardHandler),
	})
	ts.Check(err)
	s.house = h
	ts.Check(h.city.Begin(s.t.Context(), h.token))
	ts.Setenv("MEIBO_SERVER", h.grpc)
	ts.Setenv("MEIBO_CONFIG", h.folder+"/meibo.yaml")
	ts.Setenv("HTTP", h.http)
}

// as CLIENT lets the commands that follow present that client's key.
func cmdAs(ts *testscript.TestScript, neg bool, args []string) {
	key, known := storyOf(ts).house.city.Keys[args[0]]
	if !known {
		ts.Fatalf("no client %s", args[0])
	}
	ts.Setenv("MEIBO_KEY", key)
}

// json VAR path reads a member of the JSON that the last command printed.
func cmdJSON(ts *testscript.TestScript, neg bool, args []string) {
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &v))
	for _, step := range strings.Split(args[1], ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			i, err := strconv.Atoi(step)
			ts.Check(err)
			if i >= len(at) {
				ts.Fatalf("%s has no %d", args[1], i)
			}
			v = at[i]
		}
	}
	if v == nil {
		ts.Fatalf("there is no %s", args[1])
	}
	ts.Setenv(args[0], fmt.Sprint(v))
}

// clock 'YYYY-MM-DD HH:MM:SS.mmm' stops the city's clock at a moment in Japan.
func cmdClock(ts *testscript.TestScript, neg bool, args []string) {
	at, err := time.ParseInLocation("2006-01-02 15:04:05", args[0], meibo.JST)
	ts.Check(err)
	storyOf(ts).house.city.Clock.Set(meibo.InstantOf(at))
}

// mail hold|release|wait CONTRACT|seen N TEXT|show: the city's relay and its mailbox;
// seen waits for so many mails with a text in their subjects.
func cmdMail(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	c := s.house.city
	switch args[0] {
	case "hold":
		c.Sink.Hold()
	case "release":
		c.Sink.Release()
	case "wait":
		ts.Check(c.Told(s.t.Context(), args[1]))
	case "seen":
		for n := -1; strconv.Itoa(n) != args[1]; time.Sleep(5 * time.Millisecond) {
			n = 0
			for _, m := range c.Sink.Mails() {
				if strings.Contains(m.Subject(), args[2]) {
					n++
				}
			}
			ts.Check(s.t.Context().Err())
		}
	case "show":
		for _, m := range c.Sink.Mails() {
			fmt.Fprintf(ts.Stdout(), "%s: %s\n%s\n", strings.Join(m.To, ","), m.Subject(), m.Text())
		}
	}
}

// sql STATEMENT changes the database behind meibo, once the server has stopped;
// triggers that stop accidents are taken away, as an intruder would.
func cmdSQL(ts *testscript.TestScript, neg bool, args []string) {
	s := storyOf(ts)
	cfg, err := readConfig(ts.Getenv("MEIBO_CONFIG"))
	ts.Check(err)
	driver := "sqlite"
	if strings.Contains(cfg.database(), "://") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, cfg.database())
	ts.Check(err)
	defer db.Close()
	_, err = db.ExecContext(s.t.Context(), args[0])
	ts.Check(err)
}

// lies TEXT holds if a text lies readable in the database of a server that has stopped.
func cmdLies(ts *testscript.TestScript, neg bool, args []string) {
	cfg, err := readConfig(ts.Getenv("MEIBO_CONFIG"))
	ts.Check(err)
	if found := bytes.Contains(everything(storyOf(ts).t, cfg.database()), []byte(args[0])); found == neg {
		ts.Fatalf("%s lies in the database: %v", args[0], found)
	}
}

// halt ends the server; stop is a word of testscript and ends the story.
func cmdHalt(ts *testscript.TestScript, neg bool, args []string) { ts.Check(storyOf(ts).house.stop()) }

// rows N FILE writes a CSV file with the heading of another and its second line N
// times.
func cmdRows(ts *testscript.TestScript, neg bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	heading, line, _ := strings.Cut(ts.ReadFile(args[1]), "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(heading+"\n"+strings.Repeat(line, n)), 0o600))
}

// cp932 FROM TO writes a file as a Japanese Excel saves CSV.
func cmdCP932(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), meibotest.CP932(storyOf(ts).t, ts.ReadFile(args[0])), 0o600))
}

// book FROM ROWS TO fills a workbook in, as a person would: the rows of a CSV file
// without a heading, below that of the sheet.
func cmdBook(ts *testscript.TestScript, neg bool, args []string) {
	f, err := excelize.OpenFile(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[1]))).ReadAll()
	ts.Check(err)
	for i, row := range rows {
		ts.Check(f.SetSheetRow(document.ChangeSheet, fmt.Sprintf("A%d", i+2), &row))
	}
	ts.Check(f.SaveAs(ts.MkAbs(args[2])))
}

// saved PLEDGE saves the sealed document of a pledge, once there is one.
func cmdSaved(ts *testscript.TestScript, neg bool, args []string) {
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := ts.Exec("meibo", "pledge", "save", args[0])
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("no sealed document: %v", err)
		}
	}
}

// appended FROM TO is a file with something after its end.
func cmdAppended(ts *testscript.TestScript, neg bool, args []string) {
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(ts.ReadFile(args[0])+"\n%%EOF\n"), 0o600))
}

// fileOf is the file that an argument names: certificates by which the city signs
// its answers, or by which people sign.
func fileOf(ts *testscript.TestScript, args []string, what string) string {
	for _, a := range args {
		if file, ok := strings.CutPrefix(a, what); ok {
			return ts.MkAbs(file)
		}
	}
	return ""
}

// changeRoots are the certificates with which K1 seals its packages of changes.
func changeRoots(ts *testscript.TestScript, args []string) map[string]string {
	if file := fileOf(ts, args, "k1="); file != "" {
		return map[string]string{"K1": file}
	}
	return nil
}

// answer HASH FILE writes the city's answer that it has taken version 1 of C01.
func cmdAnswer(ts *testscript.TestScript, neg bool, args []string) {
	text := fmt.Sprintf(`{"format":"meibo-answer-1","contract":"C01","version":1,"hash":%q,"verdict":"acknowledged"}`, args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}
