package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/meibo-dev/meibo/internal/meibotest"
)

// kills is how often the server is killed.
func kills() int {
	if os.Getenv("MEIBO_SOAK") != "" {
		return 20
	}
	return 3
}

// TestNothingThatWasPromisedIsLostByAKill kills the real server in the middle of
// its work, again and again. What it had acknowledged stays, every decision that
// it had given is on record, nobody is allowed after his acknowledged removal, and
// a request whose outcome is not known can be repeated.
func TestNothingThatWasPromisedIsLostByAKill(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := newCrash(t, url)
		for range kills() {
			s := c.start("serve", "--config", c.config)
			c.settle(s)
			c.under(s, 20+rand.IntN(80), 5+rand.IntN(15))
		}
		s := c.start("serve", "--config", c.config)
		c.settle(s)
		if err := s.end(); err != nil {
			t.Errorf("at the end: %v", err)
		}
		c.recorded()
		for _, w := range c.wrong {
			t.Error(w)
		}
		if len(c.removed) == 0 {
			t.Error("nobody was removed: the test shows little")
		}
		t.Logf("%d kills, %d decisions given, %d changes, %d removals", kills(), len(c.given), c.requests, len(c.removed))
		if said, err := exec.CommandContext(t.Context(), "meibo", "verify", "--config", c.config).CombinedOutput(); err != nil {
			t.Errorf("verify: %v\n%s", err, said)
		}
	})
}

// TestDecisionsThatAreNotRecordedAreFound shows that the test can fail.
func TestDecisionsThatAreNotRecordedAreFound(t *testing.T) {
	c := newCrash(t, meibotest.SQLite(t))
	cfg, err := readConfig(c.config)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Recording = recordingOff
	text, err := yaml.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(filepath.Dir(c.config), "unrecorded.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	c.under(c.start("bench-server", "--config", file), 20, 0)
	c.recorded()
	c.broke(t, "was given and is lost")
}

// TestAnOldCopyOfTheDatabaseIsFound does so, too: without its high-water mark the
// server cannot know what it had acknowledged.
func TestAnOldCopyOfTheDatabaseIsFound(t *testing.T) {
	c := newCrash(t, meibotest.SQLite(t))
	old := t.TempDir()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.CopyFS(old, os.DirFS(filepath.Dir(c.database))))
	c.under(c.start("serve", "--config", c.config), 0, 5)
	must(os.RemoveAll(filepath.Dir(c.database)))
	must(os.CopyFS(filepath.Dir(c.database), os.DirFS(old)))
	must(os.Remove(filepath.Join(filepath.Dir(c.config), "high-water")))
	c.settle(c.start("serve", "--config", c.config))
	c.broke(t, "acknowledged write")
}

// broke expects that a broken promise was found.
func (c *crash) broke(t *testing.T, what string) {
	t.Helper()
	if found := strings.Join(c.wrong, "\n"); !strings.Contains(found, what) {
		t.Errorf("nothing says %q, after %d decisions and %d changes:\n%s", what, len(c.given), c.requests, bytes.TrimSpace([]byte(found)))
	}
}
