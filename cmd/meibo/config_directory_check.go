package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/ledger"
)

// modes are the names of the ways to follow a server.
var modes = []directory.Mode{
	"", directory.ModeContent, directory.ModeContentHint, directory.ModeSearchHint, directory.ModeDirSync, directory.ModeUSN, directory.ModePoll,
}

// validate refuses what cannot be meant. Zero is a default everywhere.
func (d directoryConfig) validate(bad func(string, ...any)) {
	if !slices.Contains(modes, directory.Mode(d.Mode)) {
		bad("directory.mode: %q is none of %v", d.Mode, modes[1:])
	}
	d.validateTimes(bad)
	d.validateNumbers(bad)
	d = d.inForce(config{})
	sweep := cmp.Or(d.Sweep, usualSweep[directory.Mode(d.Mode)], 10*time.Minute)
	switch {
	case d.Retry.Latest < d.Retry.Soonest:
		bad("directory.retry.latest: shorter than retry.soonest, %v", d.Retry.Soonest)
	case d.FreezeAfter <= d.Prove:
		bad("directory.freeze_after: not longer than prove, %v: nothing new would ever be granted", d.Prove)
	case directory.Mode(d.Mode) != directory.ModeContent && d.FreezeAfter <= sweep:
		bad("directory.freeze_after: not longer than sweep, %v; only in mode content is anything proven between two readings", sweep)
	}
}

// usualSweep is how often everybody is read in a mode if not every 10 min.
var usualSweep = map[directory.Mode]time.Duration{directory.ModePoll: 30 * time.Second}

// A boundedTime is a time of the configuration, and how short and how long it may be.
type boundedTime struct {
	field       string
	value       time.Duration
	least, most time.Duration
}

func (d directoryConfig) times() []boundedTime {
	const least = 100 * time.Millisecond
	return []boundedTime{
		{"timeouts.connect", d.Timeouts.Connect, least, 5 * time.Minute},
		{"timeouts.silence", d.Timeouts.Silence, least, 30 * time.Minute},
		{"timeouts.whole", d.Timeouts.Whole, least, 24 * time.Hour},
		{"prove", d.Prove, least, 24 * time.Hour},
		{"sweep", d.Sweep, least, 24 * time.Hour},
		{"full", d.Full, least, 7 * 24 * time.Hour},
		{"ask", d.Ask, least, time.Hour},
		{"beat", d.Beat, least, 10 * time.Minute},
		{"beat_late", d.BeatLate, least, 10 * time.Minute},
		{"deaf", d.Deaf, least, time.Hour},
		{"retry.soonest", d.Retry.Soonest, 10 * time.Millisecond, 15 * time.Minute},
		{"retry.latest", d.Retry.Latest, 10 * time.Millisecond, 15 * time.Minute},
		{"freeze_after", d.FreezeAfter, least, 24 * time.Hour},
	}
}

func (d directoryConfig) validateTimes(bad func(string, ...any)) {
	for _, t := range d.times() {
		if t.value != 0 && (t.value < t.least || t.value > t.most) {
			bad("directory.%s: %v is not between %v and %v", t.field, t.value, t.least, t.most)
		}
	}
}

// misspeltTime names the time in the text of a configuration that is none; empty:
// there is no such one. The reader of YAML does not say where it stands.
func misspeltTime(text []byte) string {
	var c struct {
		Directory map[string]any `yaml:"directory"`
	}
	if yaml.Unmarshal(text, &c) != nil {
		return ""
	}
	for _, t := range (directoryConfig{}).times() {
		group, name, nested := strings.Cut(t.field, ".")
		value, there := c.Directory[group]
		if in, _ := value.(map[string]any); nested {
			value, there = in[name]
		}
		if spelt, _ := value.(string); there {
			if _, err := time.ParseDuration(spelt); err != nil {
				return fmt.Sprintf("directory.%s: %v is no time; write 500ms, 10s or 5m", t.field, value)
			}
		}
	}
	return ""
}

// validateNumbers knows that of limits -1 is none at all: then a person is asked for each.
func (d directoryConfig) validateNumbers(bad func(string, ...any)) {
	for field, n := range map[string]int{"absent": d.Limits.Absent, "hour": d.Limits.Hour, "lift": d.Limits.Lift} {
		if n < -1 || n > 1_000_000 {
			bad("directory.limits.%s: %d is no number of people, and not -1 for none", field, n)
		}
	}
	for field, share := range map[string]float64{
		"absent_share": d.Limits.AbsentShare, "day_share": d.Limits.DayShare, "hour_share": d.Limits.HourShare, "lift_share": d.Limits.LiftShare,
	} {
		if !(share == -1 || share >= 0 && share <= 1) {
			bad("directory.limits.%s: %v is no share from 0 to 1, and not -1 for none", field, share)
		}
	}
	if !(d.Limits.Floor >= 0 && d.Limits.Floor <= 1) {
		bad("directory.limits.floor: %v is no share from 0 to 1", d.Limits.Floor)
	}
	if !(d.Retry.Jitter >= 0 && d.Retry.Jitter <= 1) {
		bad("directory.retry.jitter: %v is no share from 0 to 1", d.Retry.Jitter)
	}
	if d.PageSize < 0 || d.PageSize > 10_000 {
		bad("directory.page_size: %d is not between 1 and 10000", d.PageSize)
	}
	if d.EntryBytes != 0 && (d.EntryBytes < 4<<10 || d.EntryBytes > 16<<20) {
		bad("directory.entry_bytes: %d is not between 4 KiB and 16 MiB", d.EntryBytes)
	}
}

// inForce is the configuration with what holds where it says nothing. How often
// everybody is read is left open where it depends on the server.
func (d directoryConfig) inForce(cfg config) directoryConfig {
	if c, err := d.source(cfg); err == nil {
		c = c.WithDefaults()
		d.Filter, d.Login, d.IDKind, d.Timeouts = c.Filter, c.Login, string(c.IDKind), timeoutsConfig(c.Timeouts)
		d.PageSize, d.EntryBytes = int(c.PageSize), c.EntryBytes
	}
	p := d.pace().WithDefaults()
	d.Beat, d.BeatLate, d.Deaf, d.Prove, d.Full, d.Ask = p.Beat, p.BeatLate, p.Deaf, p.Canaries, p.Full, p.Ask
	d.Retry = retryConfig{p.Soonest, p.Latest, p.Jitter}
	l := d.Limits.limits(d.LiftUnproven).WithDefaults()
	d.Limits = limitsConfig{
		Absent: l.Absent, AbsentShare: l.AbsentShare, DayShare: l.DayShare, Floor: l.Floor, Hour: l.Hour, HourShare: l.HourShare,
		Lift: l.Lift, LiftShare: l.LiftShare,
	}
	d.FreezeAfter = cmp.Or(d.FreezeAfter, ledger.FreezeAfter)
	return d
}
