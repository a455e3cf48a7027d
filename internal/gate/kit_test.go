package gate_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/gate"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/proto/client"
)

// A house is a city with a gate that asks it.
type house struct {
	*meibotest.City
	gate   *gate.Gate
	person meibo.PersonID // who may
}

// records is the usual rule.
var records = gate.Rule{
	Contract: "C01", Asset: "A01", Purpose: string(meibotest.Purpose), Actions: map[string]string{"GET": "view", "POST": "create"},
}

func newHouse(t *testing.T, edit func(*gate.Options), master ...func(*meibo.Master)) *house {
	t.Helper()
	h := &house{City: meibotest.NewCity(t, meibotest.SQLite(t), nil, master...)}
	server, _ := h.Doors()
	key, _ := h.Token("gate", "CITY", "P01", meibo.RoleSystem)
	c, err := client.New(client.Options{Server: server, Key: key, Timeout: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	o := gate.Options{Client: c, Rules: map[string]gate.Rule{"records": records}, Log: slog.New(slog.DiscardHandler)}
	if edit != nil {
		edit(&o)
	}
	if h.gate, err = gate.New(o); err != nil {
		t.Fatal(err)
	}
	h.person = h.Employed("e001")
	return h
}

// remove takes the person off the roster.
func (h *house) remove() {
	h.Submit(h.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: h.person, Reason: "transfer"})
}

// An application notes what reaches it.
type application struct {
	*httptest.Server
	mu   sync.Mutex
	seen []http.Header
}

func newApplication(t *testing.T) *application {
	t.Helper()
	a := &application{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.seen = append(a.seen, r.Header)
		w.Write([]byte("the record"))
	}))
	t.Cleanup(a.Close)
	return a
}

// taken returns what has reached the application since it was asked last.
func (a *application) taken() []http.Header {
	a.mu.Lock()
	defer a.mu.Unlock()
	seen := a.seen
	a.seen = nil
	return seen
}

// swap replaces words of a shipped configuration, each of which must be there.
func swap(t *testing.T, text string, words ...string) string {
	t.Helper()
	for i := 0; i < len(words); i += 2 {
		if !strings.Contains(text, words[i]) {
			t.Fatalf("the configuration has no %q", words[i])
		}
		text = strings.ReplaceAll(text, words[i], words[i+1])
	}
	return text
}
