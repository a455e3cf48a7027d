package meibotest_test

import (
	"go/doc"
	"go/parser"
	"go/token"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// rooms are the packages of the house: the sentence of each, and who of the
// others it may import. The README shows the same table.
var rooms = map[string]struct{ sentence, imports string }{
	"internal/meibo":        {"the words of the roster and the rules between them", ""},
	"internal/store":        {"keeps the ledger's rows in SQLite or PostgreSQL", "internal/meibo migrations"},
	"internal/ledger":       {"carries out what people and programs ask of the roster, one transaction each", "authz internal/meibo internal/store internal/seal internal/document"},
	"internal/seal":         {"signs and verifies: pledges, rosters, checkpoints of the ledger", "internal/meibo"},
	"internal/document":     {"writes and reads what people hold in their hands: PDF, XLSX, canonical JSON", "internal/meibo"},
	"internal/demo":         {"the fictitious city that `meibo demo` and the stories run on", "internal/meibo internal/ledger"},
	"internal/outbox":       {"carries notices to the city until they are acknowledged", "internal/meibo internal/seal internal/document internal/ledger"},
	"internal/bench":        {"loads a server with questions and tells how long its answers take and what they cost", "proto/meibo/v1"},
	"internal/gate":         {"stands between a proxy and what it guards: nginx auth_request and Envoy ext_authz", "proto/client proto/meibo/v1"},
	"internal/rpc":          {"answers programs over gRPC and its JSON gateway", "internal/meibo internal/ledger proto/meibo/v1"},
	"internal/web":          {"shows the roster to people", "internal/meibo internal/document internal/ledger"},
	"internal/meibotest":    {"gives tests a real ledger, real servers and short words", "authz directory migrations internal/* proto/*"},
	"authz":                 {"decides whether a person may touch the information now, for this purpose, and why not", ""},
	"directory":             {"reads people from LDAP and says how they differ from those we know", ""},
	"migrations":            {"the schema, step by step", ""},
	"proto":                 {"", ""},
	"proto/meibo/v1":        {"the wire contract and what is generated from it", ""},
	"proto/client":          {"asks meibo for a Go program, keeps an allow no longer than it may, and takes everything unclear for a denial", "proto/meibo/v1"},
	"proto/client/examples": {"shows a Go service that asks meibo before it shows anything", "proto/client proto/meibo/v1"},
	"cmd/meibo":             {"reads the configuration and builds the house", "authz directory migrations internal/* proto/*"},
}

// walls are what stands outside the house, and the only rooms with a door to it.
var walls = map[string]string{
	"github.com/casbin": "authz", "github.com/go-ldap": "directory internal/meibotest",
	"github.com/jmoiron/sqlx": "internal/store", "github.com/jackc/pgx": "internal/store", "modernc.org/sqlite": "internal/store",
	"github.com/pressly/goose": "internal/store", "database/sql": "internal/store internal/meibo",
	"google.golang.org/grpc": "internal/rpc internal/gate internal/bench proto/* cmd/meibo", "google.golang.org/protobuf": "internal/rpc internal/gate internal/bench proto/* cmd/meibo",
	"github.com/tink-crypto": "internal/store", "github.com/envoyproxy": "internal/gate", "github.com/HdrHistogram": "internal/bench",
	"github.com/grpc-ecosystem": "internal/rpc internal/bench proto/* cmd/meibo",
	"github.com/xuri/excelize":  "internal/document", "github.com/go-text": "internal/document",
	"github.com/pdfcpu/pdfcpu": "internal/document internal/seal", "github.com/go-webauthn": "internal/seal",
}

const module = "github.com/meibo-dev/meibo/"

func TestTheHouseKeepsItsLaws(t *testing.T) {
	for room, p := range packages(t) {
		law, known := rooms[room]
		if !known {
			t.Errorf("%s is no room of the house", room)
		}
		for _, imported := range strings.Fields(p.imports) {
			ours, isOurs := strings.CutPrefix(imported, module)
			if ours == "internal/meibotest" || isOurs && !within(law.imports, ours) {
				t.Errorf("%s imports %s", room, ours)
			}
			for wall, doors := range walls {
				if (imported == wall || strings.HasPrefix(imported, wall+"/")) && !within(doors, room) {
					t.Errorf("%s imports %s, which only %s may", room, imported, doors)
				}
			}
		}
	}
}

func TestEveryRoomSaysItsSentence(t *testing.T) {
	for room, p := range packages(t) {
		said := []string{}
		for _, file := range strings.Fields(p.files) {
			parsed, err := parser.ParseFile(token.NewFileSet(), p.dir+"/"+file, nil, parser.PackageClauseOnly|parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			said = append(said, new(doc.Package).Synopsis(parsed.Doc.Text()))
		}
		if want := rooms[room].sentence + "."; !slices.ContainsFunc(said, func(s string) bool { return strings.HasSuffix(s, want) }) {
			t.Errorf("%s says %q, want the sentence %q", room, slices.DeleteFunc(said, func(s string) bool { return s == "" }), want)
		}
	}
}

// within reports whether room is one of the patterns.
func within(patterns, room string) bool {
	return slices.ContainsFunc(strings.Fields(patterns), func(p string) bool {
		matched, _ := path.Match(p, room)
		return matched || strings.HasPrefix(room, strings.TrimSuffix(p, "*")) && strings.HasSuffix(p, "/*")
	})
}

// A listing is what go list says of a package, but for its tests.
type listing struct{ dir, files, imports string }

func packages(t *testing.T) map[string]listing {
	t.Helper()
	cmd := exec.Command("go", "list", "-e", "-f", `{{.ImportPath}}|{{.Dir}}|{{join .GoFiles " "}}|{{join .Imports " "}}`, "./...")
	cmd.Dir = "../.."
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, complaint.String())
	}
	all := map[string]listing{}
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSpace(line), "|")
		all[strings.TrimPrefix(f[0], module)] = listing{f[1], f[2], f[3]}
	}
	if len(all) < 5 {
		t.Fatalf("go list found %d packages only", len(all))
	}
	return all
}
