package meibotest_test

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibotest"
)

// ends tells a test to start a server and then to end in some way.
const ends = "MEIBOTEST_ENDS"

// TestAnEnd is that test; without the variable there is nothing to end.
func TestAnEnd(t *testing.T) {
	end := os.Getenv(ends)
	if end == "" {
		return
	}
	address, err := url.Parse(meibotest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	os.Stdout.WriteString("folder:" + address.Query().Get("host") + "\n")
	switch end {
	case "panic":
		panic("a test panics")
	case "kill":
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
}

func TestTheServerEndsWithTheTests(t *testing.T) {
	for _, c := range []struct{ name, end string }{
		{"when they have passed", "pass"},
		{"when one panics", "panic"},
		{"when they are killed", "kill"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.Command(os.Args[0], "-test.run=^TestAnEnd$")
			cmd.Env = append(os.Environ(), ends+"="+c.end)
			out, err := cmd.CombinedOutput()
			if (err == nil) != (c.end == "pass") {
				t.Errorf("ended with %v", err)
			}
			_, rest, _ := strings.Cut(string(out), "folder:")
			folder, _, _ := strings.Cut(rest, "\n")
			if folder == "" {
				t.Fatalf("no server was started:\n%s", out)
			}
			for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
				if _, err := os.Stat(folder); os.IsNotExist(err) { // the reaper's last act
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("%s is still there", folder)
				}
			}
		})
	}
}

func TestAMissingServerIsSaidWithTheWayToGetIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := meibotest.PostgresPrograms(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Errorf("got %v", err)
	}
}

func TestAServerInThePathWillDo(t *testing.T) {
	programs := t.TempDir()
	for _, name := range []string{"initdb", "postgres", "psql", "pg_isready"} {
		if err := os.WriteFile(filepath.Join(programs, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", programs)
	if got, err := meibotest.PostgresPrograms(t.TempDir()); err != nil || got != programs {
		t.Errorf("got %q, %v, want %q", got, err, programs)
	}
}
