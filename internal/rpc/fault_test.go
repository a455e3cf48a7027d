package rpc_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/rpc"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// numbered finds a request's number in what a caller is told, and that the log
// knows more about it.
func numbered(t *testing.T, h *house, told string) string {
	t.Helper()
	found := regexp.MustCompile(`^internal error, request ([0-9a-f]{16})$`).FindStringSubmatch(told)
	if found == nil {
		t.Errorf("told: %q", told)
		return ""
	}
	for line := range strings.Lines(h.log.String()) {
		var record map[string]any
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		if record["request"] == found[1] && record["level"] == "ERROR" && record["error"] != "" && record["method"] != "" {
			return found[1]
		}
	}
	t.Errorf("the log does not know request %s:\n%s", found[1], h.log)
	return ""
}

// TestFaults lets the one thing that a house is given from outside go wrong.
func TestFaults(t *testing.T) {
	t.Parallel()
	var sync func() (meibo.Reading, error)
	h := newHouse(t, meibotest.SQLite(t), house{options: rpc.Options{Directory: &rpc.Directory{
		Sync: func(context.Context) (meibo.Reading, error) { return sync() },
	}}})
	for _, c := range []struct {
		name string
		sync func() (meibo.Reading, error)
		try  func(*testing.T, *house)
	}{
		{"an internal error is told to the log only", func() (meibo.Reading, error) {
			return meibo.Reading{}, errors.New("ldap canary: 49 invalid credentials")
		}, internalError},
		{"a busy store is logged", func() (meibo.Reading, error) {
			return meibo.Reading{}, errors.Join(meibo.ErrBusy, errors.New("disk canary"))
		}, busyStore},
		{"a panic ends one request", func() (meibo.Reading, error) { panic("panic canary") }, panics},
		{"the next request is answered", func() (meibo.Reading, error) { return meibo.Reading{Outcome: "applied"}, nil }, afterwards},
		{"a server that goes says so", nil, goes},
	} {
		sync = c.sync
		t.Run(c.name, func(t *testing.T) { c.try(t, h) })
	}
}

var syncByJSON = ask{verb: "POST", path: "/v1/directory:sync", client: "operator-tool", body: "{}"}

func syncByGRPC(t *testing.T, h *house) error {
	_, err := h.call(t.Context(), "operator-tool", "meibo.v1.DirectoryService/SyncDirectory", &pb.SyncDirectoryRequest{})
	return err
}

func internalError(t *testing.T, h *house) {
	err := syncByGRPC(t, h)
	if status.Code(err) != codes.Internal || numbered(t, h, status.Convert(err).Message()) == "" || strings.Contains(status.Convert(err).Proto().String(), "canary") {
		t.Errorf("got %v", status.Convert(err).Proto())
	}
	f := h.fails(t, syncByJSON, 500, "INTERNAL")
	if strings.Contains(f.Message+f.Detail, "canary") || numbered(t, h, f.Detail) == "" {
		t.Errorf("got %+v", f)
	}
	if strings.Count(h.log.String(), "ldap canary") != 2 {
		t.Errorf("logged:\n%s", h.log)
	}
}

func busyStore(t *testing.T, h *house) {
	a := h.do(t, syncByJSON)
	if a.status != 503 || a.header.Get("Retry-After") != "1" || strings.Contains(a.body, "canary") {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
	if !strings.Contains(h.log.String(), "disk canary") {
		t.Errorf("logged:\n%s", h.log)
	}
}

func panics(t *testing.T, h *house) {
	err := syncByGRPC(t, h)
	if status.Code(err) != codes.Internal || numbered(t, h, status.Convert(err).Message()) == "" {
		t.Errorf("gRPC: %v", err)
	}
	f := h.fails(t, syncByJSON, 500, "INTERNAL")
	for _, told := range []string{status.Convert(err).Proto().String(), f.Message + f.Detail} {
		if strings.Contains(told, "canary") || strings.Contains(told, ".go:") || strings.Contains(told, "goroutine") {
			t.Errorf("told: %s", told)
		}
	}
	if !strings.Contains(h.log.String(), "fault_test.go") {
		t.Errorf("the log has no stack:\n%s", h.log)
	}
}

func afterwards(t *testing.T, h *house) {
	if a := h.do(t, syncByJSON); a.status != 200 || !strings.Contains(a.body, `"outcome":"applied"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if metrics := h.do(t, ask{verb: "GET", path: "/metrics"}); !strings.Contains(metrics.body, "meibo_panics_total 2\n") {
		t.Errorf("metrics:\n%s", metrics.body)
	}
}

// TestAPanicOfAuthZEN takes a ledger that nobody opened: the first question ends
// in a panic.
func TestAPanicOfAuthZEN(t *testing.T) {
	h := &house{options: rpc.Options{Ledger: new(ledger.Ledger)}, keys: map[string]string{"somebody": "mb_0000000000000000_" + strings.Repeat("A", 43)}}
	h.open(t)
	for range 2 {
		a := h.do(t, ask{verb: "POST", path: evaluationPath, client: "somebody", body: question("x"), header: http.Header{"X-Request-Id": {"r-1"}}})
		h.message(t, a, 500, "r-1")
		var message string
		a.json(t, &message)
		numbered(t, h, message)
	}
	ready := h.do(t, ask{verb: "GET", path: "/readyz"})
	if ready.status != 500 || strings.Contains(ready.body, ".go") || !strings.Contains(h.log.String(), "goroutine") {
		t.Errorf("%d %s", ready.status, ready.body)
	}
	if metrics := h.do(t, ask{verb: "GET", path: "/metrics"}); !strings.Contains(metrics.body, "meibo_panics_total 3\n") {
		t.Errorf("metrics:\n%s", metrics.body)
	}
}
