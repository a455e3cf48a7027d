package main

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

// configured reads a configuration whose section directory has these lines.
func configured(t *testing.T, lines string) (config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "meibo.yaml")
	text := "directory:\n  urls: [\"ldaps://ldap.city.example\"]\n  bases: [\"dc=example\"]\n  " + strings.ReplaceAll(lines, "\n", "\n  ") + "\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return readConfig(file)
}

func TestWhatCannotBeMeantOfADirectoryIsRefused(t *testing.T) {
	for lines, want := range map[string]string{
		"beat: 10":                          "directory.beat: 10 is no time",
		"beat: 11m":                         "directory.beat: 11m",
		"beat_late: -1s":                    "directory.beat_late:",
		"deaf: 2h":                          "directory.deaf:",
		"retry: {soonest: 1ms}":             "directory.retry.soonest:",
		"retry: {latest: 16m}":              "directory.retry.latest:",
		"retry: {soonest: 1m, latest: 10s}": "directory.retry.latest: shorter",
		"retry: {soonest: 1m}":              "directory.retry.latest: shorter",
		"retry: {jitter: 1.5}":              "directory.retry.jitter:",
		"retry: {jitter: .nan}":             "directory.retry.jitter:",
		"retry: {sooner: 1s}":               "unknown field",
		"prove: 25h":                        "directory.prove:",
		"prove: 20m":                        "directory.freeze_after: not longer than prove",
		"retry: {latest: 5}":                "directory.retry.latest: 5 is no time",
		"freeze_after: 1m":                  "directory.freeze_after: not longer than prove",
		"freeze_after: 5m":                  "directory.freeze_after: not longer than sweep",
		"mode: poll\nfreeze_after: 5m":      "",
		"sweep: 1h":                         "directory.freeze_after: not longer than sweep",
		"full: 240h":                        "directory.full:",
		"ask: soon":                         "directory.ask: soon is no time",
		"freeze_after: 48h":                 "directory.freeze_after:",
		"timeouts: {connect: 1h}":           "directory.timeouts.connect:",
		"timeouts: {whole: 1ms}":            "directory.timeouts.whole:",
		"limits: {absent: -2}":              "directory.limits.absent:",
		"limits: {hour: 10000000}":          "directory.limits.hour:",
		"limits: {absent_share: 2}":         "directory.limits.absent_share:",
		"limits: {day_share: -0.5}":         "directory.limits.day_share:",
		"limits: {floor: -1}":               "directory.limits.floor:",
		"limits: {lifts: 3}":                "unknown field",
		"page_size: 100000":                 "directory.page_size:",
		"entry_bytes: 100":                  "directory.entry_bytes:",
		"mode: guess":                       "directory.mode:",
		"mode: content\nsweep: 1h":          "",
		"retry: {soonest: 20ms, latest: 20ms, jitter: 1}":      "",
		"limits: {absent: -1, absent_share: -1, day_share: 1}": "",
		"sweep: 1h\nfreeze_after: 2h\nbeat: 100ms":             "",
	} {
		_, err := configured(t, lines)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", lines, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: got %v, want %s", lines, err, want)
		}
	}
}

// TestTheDirectorysFaultsAreToldByKeys: whatever the library finds wrong has a key
// that stands in the file.
func TestTheDirectorysFaultsAreToldByKeys(t *testing.T) {
	there := map[string]bool{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[directoryConfig]()) {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		there["directory."+name] = true
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[directory.Config]()) {
		if slices.Contains([]string{"Attributes", "Progress", "Now"}, f.Name) { // which no key sets
			continue
		}
		told := wrongOf(&directory.Misconfigured{Problems: []directory.Problem{{Field: f.Name}}})
		for key := range strings.SplitSeq(told[0].Key, ", ") {
			if !there[key] {
				t.Errorf("%s is told as %s", f.Name, key)
			}
		}
	}
	c, err := configured(t, "filter: (cn=x\nid_kind: uid")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openDirectory(c, nil, wallClock); err == nil || !strings.Contains(err.Error(), "directory.filter: ") || !strings.Contains(err.Error(), "directory.id_kind: ") {
		t.Errorf("got %v", err)
	}
}

// TestTheDirectoryIsFollowedAsConfigured: every pace of the library has a key, and
// meibo config shows what is in force where none is given.
func TestTheDirectoryIsFollowedAsConfigured(t *testing.T) {
	c, err := configured(t, `mode: content
prove: 1s
sweep: 2s
full: 3s
ask: 4s
beat: 5s
beat_late: 6s
deaf: 7s
retry: {soonest: 8s, latest: 9s, jitter: 0.25}
page_size: 11
entry_bytes: 12000`)
	if err != nil {
		t.Fatal(err)
	}
	want := directory.Pace{
		Canaries: 1 * time.Second, Sweep: 2 * time.Second, Full: 3 * time.Second, Ask: 4 * time.Second, Beat: 5 * time.Second,
		BeatLate: 6 * time.Second, Deaf: 7 * time.Second, Soonest: 8 * time.Second, Latest: 9 * time.Second, Jitter: 0.25,
	}
	for i, v := 0, reflect.ValueOf(want); i < v.NumField(); i++ {
		if v.Field(i).IsZero() {
			t.Errorf("no key sets %s", v.Type().Field(i).Name)
		}
	}
	p, err := openDirectory(c, nil, wallClock)
	if err != nil {
		t.Fatal(err)
	}
	if p.pace != want {
		t.Errorf("got %+v, want %+v", p.pace, want)
	}
	if d, err := c.Directory.source(c); err != nil || d.PageSize != 11 || d.EntryBytes != 12000 {
		t.Errorf("pages of %d, entries of %d: %v", d.PageSize, d.EntryBytes, err)
	}
	c, err = configured(t, "limits: {hour: 3}")
	if err != nil {
		t.Fatal(err)
	}
	d := c.redacted().Directory
	if d.Beat != 5*time.Second || d.Retry.Latest != 30*time.Second || d.FreezeAfter != 15*time.Minute || d.Limits.Hour != 3 ||
		d.Limits.Absent != 5 || d.PageSize != 500 || d.Timeouts.Silence != 15*time.Second {
		t.Errorf("%+v is in force", d)
	}
}
