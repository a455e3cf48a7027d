package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Whoever has the keys and the database can begin again from an old copy and write
// another history, which verifies in itself. The city's witness remembers the first.
func TestAWitnessFindsARewrittenLedger(t *testing.T) {
	program, err := built()
	if err != nil {
		t.Fatal(err)
	}
	honest, key := begunHouse(t, program, "")
	other := filepath.Join(t.TempDir(), "other")
	if out, err := exec.Command("cp", "-a", honest, other).CombinedOutput(); err != nil { // with the keys' modes
		t.Fatalf("%v\n%s", err, out)
	}
	city := t.TempDir()
	meibo := func(s *serving, args ...string) (string, error) {
		c := exec.Command(program, args...)
		c.Dir, c.Env = city, append(os.Environ(), "MEIBO_SERVER="+s.grpc, "MEIBO_KEY="+s.key)
		out, err := c.CombinedOutput()
		return string(out), err
	}
	apply := func(s *serving, name string) {
		t.Helper()
		file := filepath.Join(city, "master.yaml")
		text := fmt.Sprintf("organizations:\n  - {id: CITY, kind: city, name: %s, corporate_number: \"3000020990019\"}\n", name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := meibo(s, "apply", file, "--yes"); err != nil {
			t.Fatalf("apply: %v\n%s", err, out)
		}
	}
	witness := []string{"witness", "--log-key", filepath.Join(honest, "keys", "log.pub")}

	first := serve(t, program, honest, key)
	apply(first, "架空市")
	if out, err := meibo(first, witness...); err != nil || !strings.Contains(out, "書き換えはありません") {
		t.Fatalf("witness: %v\n%s", err, out)
	}
	seen, err := os.ReadFile(filepath.Join(city, "witness.json"))
	if err != nil {
		t.Fatal(err)
	}

	second := serve(t, program, other, key)
	refused := func(when string) {
		t.Helper()
		if out, err := meibo(second, witness...); err == nil || !strings.Contains(out, "REWRITTEN") {
			t.Errorf("%s: %v\n%s", when, err, out)
		}
		if now, err := os.ReadFile(filepath.Join(city, "witness.json")); err != nil || string(now) != string(seen) {
			t.Errorf("%s: the witness has forgotten: %v", when, err)
		}
	}
	refused("the log has gone back")
	apply(second, "別の市")
	refused("as long, with another end")
	apply(second, "また別の市")
	refused("longer than what was seen")
	if out, err := exec.Command(program, "verify", "--config", filepath.Join(other, "meibo.yaml")).CombinedOutput(); err != nil {
		t.Errorf("the other history does not even verify in itself: %v\n%s", err, out)
	}
}
