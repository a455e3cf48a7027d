package ledger_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSeededBugsAreCaught builds the package with one bug after the other and lets
// the replicas run: whoever looks for violations must find them. Two of them are
// built in make test, all in make soak.
func TestSeededBugsAreCaught(t *testing.T) {
	bugs := []struct{ name, file, sound, broken string }{
		{"the revision is not compared", "check.go", "case result.revision != v.Rev() || result.epoch != v.Epoch():", "case false:"},
		{"what cannot be recorded is given", "check.go", "\t\tcase result.err != nil:\n\t\t\treturn false, authz.CodeAuditUnavailable", "\t\tcase result.err != nil:\n\t\t\tcontinue"},
		{"a feed that loses an entry", "../store/follow.go", "WHERE seq > ? AND seq < ?", "WHERE seq > ? + 1 AND seq < ?"},
		{"a revision without its changes", "view_follow.go", "return next, next.take(r, v, feed)", "return next, nil"},
	}
	if os.Getenv("MEIBO_SOAK") == "" {
		bugs = bugs[:2]
	}
	for _, bug := range bugs {
		t.Run(bug.name, func(t *testing.T) {
			path, err := filepath.Abs(bug.file)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(string(text), bug.sound) != 1 {
				t.Fatalf("%s no longer says %q", bug.file, bug.sound)
			}
			dir := t.TempDir()
			seeded := filepath.Join(dir, "seeded.go")
			overlay, _ := json.Marshal(map[string]any{"Replace": map[string]string{path: seeded}})
			for name, content := range map[string][]byte{seeded: []byte(strings.Replace(string(text), bug.sound, bug.broken, 1)), filepath.Join(dir, "overlay.json"): overlay} {
				if err := os.WriteFile(name, content, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			cmd := exec.Command("go", "test", "-overlay", filepath.Join(dir, "overlay.json"), "-count=1", "-run", "^TestReplicasNeverAllowWhatWasRevoked$", ".")
			cmd.Env = append(os.Environ(), "MEIBO_SOAK=")
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "violation: ") {
				t.Errorf("not caught: %v\n%s", err, out)
			}
		})
	}
}
