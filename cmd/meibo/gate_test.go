package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// A notebook is what a command writes, to be read meanwhile.
type notebook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notebook) Write(p []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(p)
}

func (n *notebook) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

// TestAGateAnswersItsProxy runs the command as it is run beside a proxy.
func TestAGateAnswersItsProxy(t *testing.T) {
	city := meibotest.NewCity(t, meibotest.SQLite(t), nil)
	server, _ := city.Doors()
	key, _ := city.Token("gate", "CITY", "P01", meibo.RoleSystem)
	person := city.Employed("e001")
	file := filepath.Join(t.TempDir(), "gate.yaml")
	text := strings.NewReplacer("127.0.0.1:8090", "127.0.0.1:0", "127.0.0.1:8091", "127.0.0.1:0").Replace(gateExample)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("MEIBO_KEY", key)
	ctx, cancel := context.WithCancel(t.Context())
	log, ended := &notebook{}, make(chan error, 1)
	go func() {
		ended <- (&gateCmd{Config: file}).Run(&app{ctx: ctx, stderr: log, server: serverFlag{Server: server}})
	}()
	var doors struct{ HTTP string }
	for began := time.Now(); json.Unmarshal([]byte(log.String()), &doors) != nil || doors.HTTP == ""; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("the gate does not open: %s", log)
		}
	}
	for who, want := range map[string]int{string(person): 204, "somebody": 403} {
		r, err := http.NewRequestWithContext(ctx, "GET", "http://"+doors.HTTP+"/decide", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"X-Meibo-Rule": {"records"}, "X-Meibo-Person": {who}, "X-Meibo-Method": {"GET"}}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("%s: %d, want %d", who, answer.StatusCode, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("the gate ends with %v", err)
	}
}
