package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestServeReadsManyPeopleInLittleMemory runs meibo serve, as a process of its own
// with a limit on its memory, before a directory of 50,000 people, of whom it hears
// everything, and measures the most that it ever held.
func TestServeReadsManyPeopleInLittleMemory(t *testing.T) {
	n := 2_000
	if soaking {
		n = 50_000
	}
	p := &place{name: "OpenLDAP", base: "ou=people," + kakuu, aside: "ou=left," + kakuu, rdn: "uid", entry: staffEntry +
		"\ngivenName: Taro\ndisplayName;lang-ja:: 5bGx55Sw5aSq6YOO\nmail: %[1]s@data.kakuu.example\no: K1\nou: general\ndepartmentNumber: 0123\nemployeeNumber: %[1]s\n" +
		"title: clerk\ntelephoneNumber: +81 3 0000 0000\nl: Kakuu\npreferredLanguage: ja"}
	r, w := io.Pipe()
	go func() {
		io.WriteString(w, p.folders("organizationalUnit", "ou"))
		for i := range n {
			fmt.Fprintf(w, p.entry+"\n\n", login(i+1), p.base)
		}
		w.Close()
	}()
	s := meibotest.SlapdWith(t, demo.SlapdOptions{Data: r})
	house := startServe(t, fmt.Sprintf("directory: {urls: [%q], bind_dn: %q, password_file: %q, bases: [%q], sweep: 2s, canaries: [{dn: %q, state: enabled}, {dn: %q, state: disabled}]}\n",
		s.URL, s.BindDN, s.PasswordFile, p.base, "cn=canary-enabled,ou=services,"+kakuu, "cn=canary-disabled,ou=services,"+kakuu))
	began := time.Now()
	house.until(t, func(st heard) bool { return st.People >= n && st.ProvenAt != "" })
	t.Logf("%d people: known after %v, at most %d MiB", n, time.Since(began).Round(time.Millisecond), house.peak(t)>>20)
	house.measures(t, `meibo_directory_health{state="green"} 1`)
	var first heard
	house.until(t, func(st heard) bool { first = st; return true })
	for i := range 200 { // a crowd of changes
		if err := s.Modify(p.change(i+1, "replace: title\ntitle: chief")); err != nil {
			t.Fatal(err)
		}
	}
	house.until(t, func(st heard) bool { return st.SweptAt > first.SweptAt })
	peak := house.peak(t)
	t.Logf("after another reading of everybody and 200 changes: at most %d MiB, %d now", peak>>20, house.memory(t, "VmRSS")>>20)
	if peak > 128<<20 && !raced { // the race detector keeps as much again
		t.Errorf("%d MiB", peak>>20)
	}
}

// A serving is a process that serves.
type serving struct {
	*exec.Cmd
	http, grpc, key string
}

// heard is what GET /v1/directory says of it.
type heard struct {
	People   int    `json:"people"`
	ProvenAt string `json:"proven_at"`
	SweptAt  string `json:"swept_at"`
}

// startServe runs this program as meibo, from init to serve, until the test's end.
func startServe(t *testing.T, more string) *serving {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "meibo")
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	folder, key := begunHouse(t, path, more)
	return serve(t, path, folder, key)
}

// begunHouse is the folder that init makes, for servers on free ports, and the
// operator's key.
func begunHouse(t *testing.T, program, more string) (folder, key string) {
	t.Helper()
	folder = filepath.Join(t.TempDir(), "house")
	out, err := exec.Command(program, "init", folder).CombinedOutput()
	if err != nil {
		t.Fatalf("init: %v\n%s", err, out)
	}
	file := filepath.Join(folder, "meibo.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	config := regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(string(text), "127.0.0.1:0") + "\n" + more
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder, regexp.MustCompile(`mb_\w+_[\w-]+`).FindString(string(out))
}

// serve serves a folder until the test's end.
func serve(t *testing.T, program, folder, key string) *serving {
	t.Helper()
	s := &serving{Cmd: exec.Command(program, "serve", "--config", filepath.Join(folder, "meibo.yaml")), key: key}
	s.Env = append(os.Environ(), "GOMEMLIMIT=128MiB")
	log, err := s.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Process.Signal(os.Interrupt); s.Wait() })
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		var line struct{ Msg, HTTP, GRPC string }
		if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "serving" {
			s.http, s.grpc = "http://"+line.HTTP, line.GRPC
			go io.Copy(io.Discard, log)
			return s
		}
	}
	t.Fatal("meibo serve ended")
	return nil
}

// until waits for a status of the directory.
func (s *serving) until(t *testing.T, ready func(heard) bool) {
	t.Helper()
	for late := time.Now().Add(2 * time.Minute); time.Now().Before(late); time.Sleep(50 * time.Millisecond) {
		r, err := http.NewRequestWithContext(t.Context(), "GET", s.http+"/v1/directory", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+s.key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		var st heard
		err = json.NewDecoder(answer.Body).Decode(&st)
		answer.Body.Close()
		if err == nil && ready(st) {
			return
		}
	}
	t.Fatal("the directory is not read")
}

// measures waits, for less than the minute after which all is measured anyhow, until
// the metrics have a line.
func (s *serving) measures(t *testing.T, line string) {
	t.Helper()
	var text []byte
	for late := time.Now().Add(20 * time.Second); time.Now().Before(late); time.Sleep(50 * time.Millisecond) {
		answer, err := http.Get(s.http + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		text, _ = io.ReadAll(answer.Body)
		answer.Body.Close()
		if strings.Contains(string(text), line+"\n") {
			return
		}
	}
	t.Errorf("no %s in\n%s", line, text)
}

// peak is the most memory that the process ever held, in bytes.
func (s *serving) peak(t *testing.T) int { return s.memory(t, "VmHWM") }

func (s *serving) memory(t *testing.T, field string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == field+":" {
			kib, _ := strconv.Atoi(f[1])
			return kib << 10
		}
	}
	t.Fatalf("the system tells no %s", field)
	return 0
}
